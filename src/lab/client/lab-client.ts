/** What runners and commands say to a lab that is running, over HTTP. */
import { LabError } from '#lab/errors.ts';
import type { Job, JobRequest } from '#lab/jobs/queue.ts';
import type { RunnerDescription } from '#lab/jobs/runners.ts';
import type { ChangeRow, ChangeState, ChangeWithHistory } from '#lab/store/queries/changes.ts';
import type { Token, TokenRequest } from '#lab/store/tokens.ts';
import { reasonOf } from '#support/system-reason.ts';

const leaseWaitSeconds = 25;
/** The server answers a lease after at most `leaseWaitSeconds`; nothing else takes long. */
const timeoutMilliseconds = 60_000;
const uploadTries = 5;

export class LabClient {
  readonly #server: string;
  readonly #token: string;

  constructor(server: string, token: string) {
    this.#server = server;
    this.#token = token;
  }

  /** Undefined when there is nothing to do, or was not for a while. */
  async lease(runner: RunnerDescription, waits: boolean, signal: AbortSignal): Promise<Job | undefined> {
    const response = await this.#post(`/api/runner/lease?wait=${waits ? leaseWaitSeconds : 0}`, JSON.stringify(runner), signal);
    return response.status === 204 ? undefined : await this.#answer<Job>(response);
  }

  /** False when the job was given to somebody else, or cancelled. */
  async heartbeat(job: string): Promise<boolean> {
    return this.#report(job, 'heartbeat', {});
  }

  async complete(job: string, runs: readonly string[]): Promise<boolean> {
    return this.#report(job, 'complete', { runs });
  }

  async fail(job: string, reason: string, log: string): Promise<boolean> {
    return this.#report(job, 'fail', { reason: reason.slice(0, 2000), log });
  }

  /** Sends a file of results; a second time changes nothing. Returns the key of its run. */
  async upload(bytes: Uint8Array, name: string, { commit, pull }: Pick<JobRequest, 'commit' | 'pull'> = {}): Promise<string> {
    const query = new URLSearchParams({ name, ...(commit === undefined ? {} : { commit }), ...(pull === undefined ? {} : { pull: String(pull.number), base: pull.base }) });
    for (let attempt = 1; ; attempt++) {
      try {
        const response = await this.#post(`/api/results?${query.toString()}`, bytes);
        return (await this.#answer<{ readonly run: string }>(response)).run;
      } catch (error) {
        if (attempt === uploadTries || (error instanceof LabError && error.code === 'lab-refused')) throw error;
        await new Promise((resolve) => setTimeout(resolve, 500 * 2 ** attempt));
      }
    }
  }

  async enqueue(job: object): Promise<string> {
    return (await this.#answer<{ readonly job: string }>(await this.#post('/api/jobs', JSON.stringify(job)))).job;
  }

  async jobs(): Promise<readonly Job[]> {
    return this.#answer<readonly Job[]>(await this.#request('/api/jobs', {}));
  }

  async tokens(): Promise<readonly Token[]> {
    const tokens = await this.#answer<readonly Token[]>(await this.#request('/api/tokens', {}));
    return tokens.map((token) => ({ ...token, createdAt: new Date(token.createdAt), revokedAt: token.revokedAt === null ? null : new Date(token.revokedAt) }));
  }

  async createToken({ machine, ...request }: TokenRequest): Promise<{ readonly id: string; readonly token: string }> {
    return this.#answer(await this.#post('/api/tokens', JSON.stringify({ ...request, machine: machine ?? undefined })));
  }

  /** False when there is no such token, or it is revoked already. */
  async revokeToken(id: string): Promise<boolean> {
    return this.#orMissing(await this.#request(`/api/tokens/${encodeURIComponent(id)}`, { method: 'DELETE' }));
  }

  async changes(query: Readonly<Record<string, string>>): Promise<readonly ChangeRow[]> {
    return this.#answer<readonly ChangeRow[]>(await this.#request(`/api/changes?${new URLSearchParams(query).toString()}`, {}));
  }

  /** Undefined when there is no such change. */
  async change(key: string): Promise<ChangeWithHistory | undefined> {
    const response = await this.#request(`/api/changes/${encodeURIComponent(key)}`, {});
    return response.status === 404 ? undefined : this.#answer<ChangeWithHistory>(response);
  }

  /** False when there is no such change. The lab takes who it was from the token. */
  async decideChange(key: string, state: ChangeState, note: string): Promise<boolean> {
    return this.#orMissing(await this.#post(`/api/changes/${encodeURIComponent(key)}`, JSON.stringify({ state, note })));
  }

  async #report(job: string, action: string, body: object): Promise<boolean> {
    const response = await this.#post(`/api/runner/jobs/${job}/${action}`, JSON.stringify(body));
    if (response.status === 410) return false;
    await this.#answer(response);
    return true;
  }

  /** False for what is not there. */
  async #orMissing(response: Response): Promise<boolean> {
    if (response.status === 404) return false;
    await this.#answer(response);
    return true;
  }

  #post(path: string, body: string | Uint8Array, signal?: AbortSignal): Promise<Response> {
    return this.#request(path, { method: 'POST', body: typeof body === 'string' ? body : Buffer.from(body), ...(signal === undefined ? {} : { signal }) });
  }

  async #request(path: string, options: RequestInit): Promise<Response> {
    try {
      const signals = [AbortSignal.timeout(timeoutMilliseconds), ...(options.signal ? [options.signal] : [])];
      return await fetch(new URL(path, this.#server), { ...options, signal: AbortSignal.any(signals), headers: { Authorization: `Bearer ${this.#token}` } });
    } catch (error) {
      throw new LabError('lab-unreachable', { server: this.#server, reason: reasonOf(error) });
    }
  }

  async #answer<T>(response: Response): Promise<T> {
    const answer = await response.json().catch(() => undefined) as (T & { readonly message?: string }) | undefined;
    if (!response.ok) throw new LabError('lab-refused', { server: this.#server, reason: answer?.message ?? `status ${response.status}` });
    if (answer === undefined) throw new LabError('lab-unreachable', { server: this.#server, reason: 'something else does, which is no lab' });
    return answer;
  }
}
