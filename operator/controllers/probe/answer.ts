import type { ClusterPlacementProbeStatus } from '#api/clusterplacementprobe.ts';
import type { PlacementProbeStatus } from '#api/placementprobe.ts';
import { MOST_BEST, MOST_FLAVORS } from '#api/probe-answer.ts';
import type { ConditionDraft } from '#core/conditions.ts';
import { bareRequest, flavorCapacity } from '#core/flavors/flavor-capacity.ts';
import type { BuiltFlavor } from '#core/lifecycle/guest-size.ts';
import { answered, placeConditions, unanswered } from '#core/probe/conditions.ts';
import { flavorsMessage, nodesWithRoom } from '#core/probe/flavors-answer.ts';
import {
  countsAnswer,
  elsewhere,
  hostsAnswer,
  nodeAnswer,
  type PlaceFindings,
} from '#core/probe/place-answer.ts';
import type { MoveQuestion, PlaceQuestion } from '#core/probe/question.ts';
import type { Audience } from '#core/scheduling/explain.ts';
import type { Prober } from '#ports/prober.ts';
import type { Caches } from '../caches.ts';
import type { Flavors } from '../flavors.ts';
import { loosestRatios } from '../instance/loosest-ratios.ts';
import type { FlavorsQuestion, Question } from './observe.ts';

/** Who is answered, and about which nodes. */
export interface Asker {
  audience: Audience;
  nodeNames: readonly string[] | undefined;
}

/** What the status says, and its conditions. */
export interface Answer {
  isAnswered: boolean;
  status: PlacementProbeStatus | ClusterPlacementProbeStatus;
  conditions: ConditionDraft[];
  /** For the log: with hosts, whoever asked. */
  forOperators: string;
}

type Sources = { prober: Prober; caches: Pick<Caches, 'computeNodes'>; flavors: Flavors };

/** Asks the scheduler. Nothing is claimed. */
export function answer(question: Question, asker: Asker, sources: Sources): Answer {
  if (question.kind === 'unanswerable')
    return {
      isAnswered: false,
      status: {},
      conditions: [unanswered(question)],
      forOperators: question.message,
    };
  if (question.kind === 'flavors') return aboutFlavors(question, asker, sources);
  return aboutPlace(question, asker, sources);
}

function aboutPlace(
  question: PlaceQuestion | MoveQuestion,
  asker: Asker,
  { prober, ...others }: Sources,
): Answer {
  const sources = { ...others, prober: prober.under(question.profile) };
  const findings = find(question, sources);
  const nodes = asker.nodeNames && aboutNodes(question, findings.current, asker.nodeNames, sources.prober);
  return {
    isAnswered: true,
    status: asker.audience === 'owner' ? countsAnswer(findings) : hostsAnswer(findings, nodes),
    conditions: placeConditions(findings, asker.audience),
    forOperators: placeConditions(findings, 'operator')[0]?.message ?? '',
  };
}

function find(question: PlaceQuestion | MoveQuestion, { prober, caches }: Sources): PlaceFindings {
  const decision = prober.decide(question.request, MOST_BEST);
  const host = decision.kind === 'placed' ? caches.computeNodes.get(decision.host) : undefined;
  const availabilityZone = host?.status?.availabilityZone;
  if (question.kind === 'place') return { decision, availabilityZone };
  const { nodeName, held, request } = question.current;
  const verdict = prober.judgeStay(request, { host: nodeName, held });
  return { decision: elsewhere(decision, nodeName), availabilityZone, current: { nodeName, verdict } };
}

/** The node that an Instance is on is asked whether it could stay, any other whether it could come. */
function aboutNodes(
  { request }: PlaceQuestion | MoveQuestion,
  current: PlaceFindings['current'],
  nodeNames: readonly string[],
  prober: Prober,
) {
  const others = nodeNames.filter((name) => name !== current?.nodeName);
  const byHost = new Map(prober.judge(request, others).map((verdict) => [verdict.host, verdict]));
  return nodeNames.map((name) =>
    name === current?.nodeName
      ? nodeAnswer(name, current.verdict, true)
      : nodeAnswer(name, byHost.get(name), false),
  );
}

function aboutFlavors(
  { flavors: asked }: FlavorsQuestion,
  asker: Asker,
  { prober, caches, flavors }: Sources,
): Answer {
  const memoryRatio = loosestRatios(caches.computeNodes.list()).memory;
  const told = asked
    .slice(0, MOST_FLAVORS)
    .map((flavor) => aboutFlavor(flavors.build(flavor), asker, prober, memoryRatio));
  const message = flavorsMessage(told, asked.length);
  return {
    isAnswered: true,
    status: { flavorCount: asked.length, flavors: told },
    conditions: [answered(message)],
    forOperators: message,
  };
}

function aboutFlavor(
  flavor: BuiltFlavor,
  { audience, nodeNames }: Asker,
  prober: Prober,
  memoryRatio: number,
) {
  const { name } = flavor;
  const ask = (ephemeralRoot: boolean) => bareRequest(flavor, { ephemeralRoot, memoryRatio });
  const [onVolume, ephemeral] = [ask(false), ask(true)];
  const capacity = flavorCapacity(prober.capacity(onVolume), prober.capacity(ephemeral));
  if (audience === 'owner') return { name, ...capacity };
  const nodes = nodesWithRoom(prober.roomByHost(onVolume), prober.roomByHost(ephemeral), nodeNames);
  return { name, ...capacity, nodes };
}
