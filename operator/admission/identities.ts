/** Who may do what with Berth's guests, by the user names that the API server knows them by. */
export interface Identities {
  berth: string;
  /** virt-controller: makes VMIs and pods. */
  controller: string;
  /** virt-handler: writes the status of VMIs. */
  handler: string;
  /** virt-api: writes what users ask of it, in its own name. */
  api: string;
}

export function identitiesOf(berth: string, kubevirtNamespace: string): Identities {
  const account = (name: string) => `system:serviceaccount:${kubevirtNamespace}:${name}`;
  return {
    berth,
    controller: account('kubevirt-controller'),
    handler: account('kubevirt-handler'),
    api: account('kubevirt-apiserver'),
  };
}
