import { GraphQLError, Lexer, Source, TokenKind } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { HttpLimits } from './limits.ts';

const opening = new Set<TokenKind>([TokenKind.BRACE_L, TokenKind.BRACKET_L, TokenKind.PAREN_L]);
const closing = new Set<TokenKind>([TokenKind.BRACE_R, TokenKind.BRACKET_R, TokenKind.PAREN_R]);

/** Refuses text whose brackets are nested so deeply that the parser, which calls itself for each, would overflow the stack. */
export function limitNesting(limits: Pick<HttpLimits, 'nesting' | 'tokens'>): Plugin {
  return {
    onParse: ({ parseFn, setParseFn }) =>
      setParseFn((source, options) => {
        assertFlat(typeof source === 'string' ? new Source(source) : source, limits);
        return parseFn(source, options);
      }),
  };
}

/** Looks at no more tokens than are allowed: who sends more is refused for that. */
function assertFlat(source: Source, { nesting, tokens }: Pick<HttpLimits, 'nesting' | 'tokens'>): void {
  const lexer = new Lexer(source);
  let level = 0;
  for (let seen = 0; seen <= tokens; seen += 1) {
    const { kind } = lexer.advance();
    if (kind === TokenKind.EOF) return;
    if (opening.has(kind)) level += 1;
    else if (closing.has(kind)) level -= 1;
    if (level <= nesting) continue;
    throw new GraphQLError(`Nesting limit of ${nesting} exceeded, found more.`, {
      extensions: { code: 'LIMIT_EXCEEDED' },
    });
  }
}
