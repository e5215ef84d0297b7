/** A piece of the work on one request. */
export interface Span {
  /** Of the request: `req-` and a UUID. All spans of a request are one trace. */
  readonly requestId: string;
  /** uid of the Instance that it is about. */
  readonly instanceUid: string;
  /** Of the whole operation, or of a part of it. */
  readonly kind: 'operation' | 'part';
  readonly name: string;
  readonly start: Date;
  readonly end: Date;
  readonly attributes: Readonly<Record<string, string | undefined>>;
  /** What went wrong, in words. */
  readonly error?: string | undefined;
}

/** Is told what took how long, once it is over. Nothing that is decided depends on it. */
export interface Tracer {
  ended(span: Span): void;
}

export const NO_TRACER: Tracer = { ended() {} };
