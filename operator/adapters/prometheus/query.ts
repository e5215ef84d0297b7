import { readFile } from 'node:fs/promises';
import { type Dispatcher, request } from 'undici';
import { z } from 'zod';

/** An answer for 5,000 nodes is about 1 MiB. */
const MOST_BYTES = 16 * 1024 * 1024;

export interface PrometheusServer {
  /** Where its HTTP API is: `/api/v1/query` comes after it. */
  readonly url: string;
  /** File with a bearer token, read anew for each query. */
  readonly tokenFile?: string | undefined;
}

/** The part of an instant query's answer that is read (Prometheus' HTTP API, version 1). */
const vector = z.object({
  status: z.literal('success'),
  data: z.object({
    resultType: z.literal('vector'),
    result: z.array(
      z.object({ metric: z.record(z.string(), z.string()), value: z.tuple([z.number(), z.string()]) }),
    ),
  }),
});

/**
 * Asks an instant query; the answer by the value of a label that names the node. A node that is there twice, and a value
 * that is no finite number, are left out: nobody could say what is meant.
 * @throws when it is not answered well before `signal` aborts
 */
export async function queryByNode(
  server: PrometheusServer,
  query: string,
  nodeLabel: string,
  signal: AbortSignal,
): Promise<Map<string, number>> {
  const url = new URL(`${server.url.replace(/\/+$/, '')}/api/v1/query`);
  url.searchParams.set('query', query);
  const token = server.tokenFile && (await readFile(server.tokenFile, 'utf8')).trim();
  const headers = { accept: 'application/json', ...(token && { authorization: `Bearer ${token}` }) };
  const response = await request(url, { headers, signal });
  const text = await bodyOf(response);
  if (response.statusCode !== 200)
    throw new Error(`it answered ${response.statusCode}: ${text.slice(0, 200)}`);
  const answer = vector.safeParse(JSON.parse(text));
  if (!answer.success) throw new Error(`its answer is no instant vector: ${text.slice(0, 200)}`);
  return byNode(answer.data.data.result, nodeLabel);
}

function byNode(result: z.infer<typeof vector>['data']['result'], nodeLabel: string): Map<string, number> {
  const values = new Map<string, number>();
  const twice = new Set<string>();
  for (const { metric, value } of result) {
    const node = metric[nodeLabel];
    const number = Number(value[1]);
    if (node === undefined || !Number.isFinite(number)) continue;
    if (values.has(node)) twice.add(node);
    values.set(node, number);
  }
  for (const node of twice) values.delete(node);
  return values;
}

async function bodyOf({ body }: Dispatcher.ResponseData): Promise<string> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of body as AsyncIterable<Buffer>) {
    bytes += part.length;
    if (bytes > MOST_BYTES) throw new Error(`its answer has more than ${MOST_BYTES} bytes`);
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}
