/** What a user may want to try once the demo is up. */
export const whatNext = (requestId: string | undefined): string => `
What to try next:

  export KUBECONFIG=$(make -s kubeconfig)
  alias kubectl=$(make -s kubectl)

  kubectl get instances,computenodes -o wide
  kubectl describe instance giant-1                  # why it fits nowhere
  kubectl get flavors,placementprobes -o wide        # how many more fit; would it fit, without creating it
  kubectl get clusterplacementprobe -o yaml          # for operators: why not node-001
  kubectl patch instance web-1 --type merge -p '{"spec":{"powerState":"Stopped"}}'
                                                     # Running starts it again
  kubectl create -f config/samples/actions/reboot-web-1.yaml
  kubectl get instanceactions -o wide                # how far it is, or why it was refused
  kubectl delete instance web-2
  kubectl create -f hack/demo/move-jump-1.yaml       # a live migration
  kubectl get instancemigrations -o wide             # how far it is, from where, to where
  kubectl patch computenode node-002 --type merge -p '{"spec":{"maintenance":{"enabled":true}}}'
                                                     # empties a node; see docs/maintenance.md
  grep ${requestId ?? 'req-...'} .berth/demo/logs/operator.log
                                                     # all that one request did
  echo 'instance=debug' > .berth/demo/log-levels     # debug for one module; empty the file to end it
  kill -USR2 $(cat .berth/demo/operator.pid)         # debug for all, and back
  bin/localcluster fleetctl --control .berth/demo/fleet.sock add-nodes --cpus 256 --memory 512Gi
                                                     # a node that giant-1 fits on

  make down                                          # ends and removes all of it
`;
