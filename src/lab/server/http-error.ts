/** A refusal of a request: its status, and a code and a sentence for the client. */
export class HttpError extends Error {
  override readonly name = 'HttpError';
  readonly status: 400 | 401 | 403 | 404 | 410 | 413 | 422 | 429;
  readonly code: string;

  constructor(status: HttpError['status'], code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}
