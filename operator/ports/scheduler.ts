import type { Claim } from '#api/nodeledger.ts';
import type { NoValidHost, Placed } from '#core/scheduling/decision.ts';
import type { Profile } from '#core/scheduling/profile.ts';
import type { RequestSpec } from '#core/scheduling/request-spec.ts';
import type { ClaimResources } from '#core/scheduling/resources.ts';

/** A request for a place: what is asked, and the claim to be written for it. */
export interface PlaceRequest {
  request: RequestSpec;
  claim: Claim;
  /** What the owner holds already of one node: there, the claim is the larger of both. */
  held?: ClaimResources & { nodeName: string };
  /** How to choose. */
  profile: Profile;
}

/** Finds a place and claims it. */
export interface Scheduler {
  /** Rejects only when the API server cannot be written to. */
  place(request: PlaceRequest): Promise<Placed | NoValidHost>;
}
