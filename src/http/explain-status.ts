import type { Plugin } from 'graphql-yoga';

const explanations: Readonly<Record<number, { code: string; message: string }>> = {
  406: {
    code: 'NOT_ACCEPTABLE',
    message:
      'The header Accept allows no answer that there is: send application/graphql-response+json, application/json or, for subscriptions, text/event-stream.',
  },
  415: {
    code: 'UNSUPPORTED_MEDIA_TYPE',
    message:
      'The body must be JSON, as {"query": "…", "variables": {}}, with the header Content-Type: application/json.',
  },
};

/** Puts words to the statuses that the engine answers without any. */
export function explainStatus(): Plugin {
  return {
    onResponse: ({ response, setResponse, fetchAPI }) => {
      const explanation = explanations[response.status];
      if (explanation === undefined || response.body !== null) return;
      const { code, message } = explanation;
      const { status, headers } = response;
      const body = JSON.stringify({ errors: [{ message, extensions: { code } }] });
      const described = new fetchAPI.Headers(headers);
      described.set('content-type', 'application/json; charset=utf-8');
      described.delete('content-length');
      setResponse(new fetchAPI.Response(body, { status, headers: described }));
    },
  };
}
