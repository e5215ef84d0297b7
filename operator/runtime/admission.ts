import type { JsonPatchOperation } from './json-patch.ts';

/** admission.k8s.io/v1 AdmissionRequest. */
export interface AdmissionRequest<T = unknown> {
  uid: string;
  kind: { group: string; version: string; kind: string };
  resource: { group: string; version: string; resource: string };
  subResource?: string;
  name?: string;
  namespace?: string;
  operation: 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT';
  userInfo: { username?: string; uid?: string; groups?: string[]; extra?: Record<string, string[]> };
  /** null for DELETE. */
  object: T;
  /** null for CREATE. */
  oldObject: T | null;
  options?: unknown;
  dryRun?: boolean;
}

/** What a handler answers. */
export interface AdmissionResponse {
  allowed: boolean;
  /** Shown to the user when it is refused. */
  message?: string;
  /** The HTTP status the user gets when it is refused; 403 unless set. */
  code?: number;
  patch?: JsonPatchOperation[];
  /** Shown to the user by kubectl, allowed or not. */
  warnings?: string[];
  auditAnnotations?: Record<string, string>;
}

export type AdmissionHandler = (request: AdmissionRequest) => Promise<AdmissionResponse>;

export function allow(patch?: JsonPatchOperation[], warnings?: string[]): AdmissionResponse {
  return { allowed: true, patch, warnings };
}

export function deny(message: string, code = 403): AdmissionResponse {
  return { allowed: false, message, code };
}

/** What came is not an AdmissionReview. */
export class BadReview extends Error {
  override readonly name = 'BadReview';
}

export function parseReview(body: string): AdmissionRequest {
  let review: { apiVersion?: string; kind?: string; request?: AdmissionRequest };
  try {
    review = JSON.parse(body);
  } catch (cause) {
    throw new BadReview('the body is not JSON', { cause });
  }
  if (review?.kind !== 'AdmissionReview' || review.apiVersion !== 'admission.k8s.io/v1') {
    throw new BadReview('the body is not an admission.k8s.io/v1 AdmissionReview');
  }
  if (typeof review.request?.uid !== 'string') throw new BadReview('the review has no request.uid');
  return review.request;
}

/** The AdmissionReview that carries an answer. */
export function reviewOf(uid: string, response: AdmissionResponse): object {
  const { allowed, message, code = 403, patch, warnings, auditAnnotations } = response;
  const patched = allowed && patch && patch.length > 0;
  return {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    response: {
      uid,
      allowed,
      ...(allowed ? {} : { status: { code, message } }),
      ...(patched
        ? { patchType: 'JSONPatch', patch: Buffer.from(JSON.stringify(patch)).toString('base64') }
        : {}),
      warnings,
      auditAnnotations,
    },
  };
}
