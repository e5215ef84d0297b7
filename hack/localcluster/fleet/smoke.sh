#!/usr/bin/env bash
# Tries the simulated fleet on a genuine control plane, with nothing but KubeVirt: each check waits for what KubeVirt itself
# would show. Usage: smoke.sh LOCALCLUSTER [CHECK...]; without a check, all of them. Ends non-zero if any check failed.
set -euo pipefail

binary=$(realpath "${1:?usage: smoke.sh LOCALCLUSTER [CHECK...]}")
shift
cluster=$(mktemp -d)
export KUBECONFIG=$cluster/kubeconfig
trap '"$binary" down --dir "$cluster" >/dev/null 2>&1 || true; rm -rf "$cluster"' EXIT

kubectl() { "$binary" kubectl "$@"; }
fleetctl() { "$binary" fleet ctl --control "$cluster/fleet.sock" "$@"; }

failures=()
current=
fail() { failures+=("$current: $*"); echo "  FAILED: $*"; }

# within SECONDS WHAT COMMAND...: the command succeeds before the time is over.
within() {
  local end=$((SECONDS + $1)) what=$2
  shift 2
  until "$@" >/dev/null 2>&1; do
    if ((SECONDS > end)); then
      fail "$what"
      return 0
    fi
    sleep 0.2
  done
}

get() { kubectl get "$1" "$2" -o "jsonpath=$3" 2>/dev/null; }
is() { [[ $(get "$1" "$2" "$3") == "$4" ]]; }
like() { [[ $(get "$1" "$2" "$3") == *$4* ]]; }
gone() { [[ -z $(kubectl get "$1" "$2" --ignore-not-found -o name) ]]; }
phase() { is "$1" "$2" '{.status.phase}' "$3"; }
condition() { is vmi "$1" "{.status.conditions[?(@.type==\"$2\")].status}" "$3"; }
# guest NAME FIELD VALUE: what the fleet says of the guest that is not off.
guest() {
  fleetctl state | python3 -c '
import json, sys
name, field, want = sys.argv[1:]
found = [g for g in json.load(sys.stdin)["guests"] if g["name"] == name and g["state"] != "Off"]
sys.exit(not (found and str(found[0].get(field)) == want))' "$1" "$2" "$3"
}
launchers() { kubectl get pods -l "kubevirt.io=virt-launcher,vm.kubevirt.io/name=$1" "${@:2}"; }
subresource() { kubectl replace --raw "/apis/subresources.kubevirt.io/v1/namespaces/default/$1/$2" -f - <<<"${3:-{\}}"; }

# vm NAME VOLUME [DATAVOLUME]: a VM with that root volume, running.
vm() {
  kubectl apply -f - >/dev/null <<YAML
apiVersion: kubevirt.io/v1
kind: VirtualMachine
metadata: {name: $1, namespace: default}
spec:
  runStrategy: Always
  ${3:-}
  template:
    metadata: {labels: {vm.kubevirt.io/name: $1}}
    spec:
      terminationGracePeriodSeconds: 5
      domain:
        cpu: {sockets: 1, cores: 1}
        memory: {guest: ${memory:-256Mi}}
        devices:
          disks: [{name: root, disk: {bus: virtio}}]
          interfaces: [{name: default, masquerade: {}}]
      networks: [{name: default, pod: {}}]
      volumes: [{name: root, $2}]
YAML
}
ephemeral() { vm "$1" 'containerDisk: {image: "quay.io/containerdisks/fedora:42"}'; }
persistent() {
  vm "$1" "dataVolume: {name: $1}" "dataVolumeTemplates: [{metadata: {name: $1}, spec: {source: {http: {url: 'http://images/fedora'}}, storage: {storageClassName: $2, resources: {requests: {storage: 5Gi}}}}}]"
}
runs() { within "${2:-20}" "$1 does not run" phase vmi "$1" Running; }
remove() { kubectl delete vm "$1" --wait=false >/dev/null; within 30 "$1 is not gone" gone vmi "$1"; }
migrate() {
  kubectl apply -f - >/dev/null <<YAML
apiVersion: kubevirt.io/v1
kind: VirtualMachineInstanceMigration
metadata: {name: $2, namespace: default}
spec: {vmiName: $1}
YAML
}

check_boot() {
  ephemeral boot
  runs boot 5
  within 5 "it is not ready" condition boot Ready True
  within 5 "its agent is not connected" condition boot AgentConnected True
  within 1 "it is not migratable" condition boot LiveMigratable True
  within 1 "its method is not BlockMigration" is vmi boot '{.status.migrationMethod}' BlockMigration
  within 1 "it has no address" like vmi boot '{.status.interfaces[0].ipAddress}' 10.
  within 1 "it did not boot once" guest boot boots 1
  remove boot
  within 10 "its pod is not gone" eval "[[ -z \$(launchers boot -o name) ]]"
}

check_stop_start() {
  ephemeral cycle
  runs cycle
  kubectl patch vm cycle --type merge -p '{"spec":{"runStrategy":"Halted"}}' >/dev/null
  within 10 "it did not stop" is vm cycle '{.status.printableStatus}' Stopped
  kubectl patch vm cycle --type merge -p '{"spec":{"runStrategy":"Always"}}' >/dev/null
  runs cycle
  local before
  before=$(get vmi cycle '{.metadata.uid}')
  subresource virtualmachines cycle/restart >/dev/null
  within 15 "it did not restart" eval "! is vmi cycle '{.metadata.uid}' $before && phase vmi cycle Running"
  remove cycle
}

check_pause() {
  ephemeral nap
  runs nap
  subresource virtualmachineinstances nap/pause >/dev/null
  within 5 "it is not paused" condition nap Paused True
  within 5 "its pod is ready" eval "[[ \$(launchers nap -o jsonpath='{.items[0].status.conditions[?(@.type==\"Ready\")].status}') == False ]]"
  within 1 "the guest is not paused" guest nap state Paused
  subresource virtualmachineinstances nap/unpause >/dev/null
  within 5 "it is still paused" condition nap Paused ''
  within 5 "it is not ready" condition nap Ready True
  remove nap
}

check_reboot() {
  ephemeral again
  runs again
  local pod
  pod=$(launchers again -o name)
  subresource virtualmachineinstances again/softreboot >/dev/null
  within 5 "it did not boot again" guest again boots 2
  subresource virtualmachineinstances again/reset >/dev/null
  within 5 "it was not reset" guest again boots 3
  within 5 "its agent is not back" condition again AgentConnected True
  fleetctl fault deaf --match default/again >/dev/null
  subresource virtualmachineinstances again/softreboot >/dev/null
  sleep 2
  within 0 "a deaf guest rebooted" guest again boots 3
  subresource virtualmachineinstances again/reset >/dev/null
  within 5 "a deaf guest was not reset" guest again boots 4
  within 0 "its pod is another" eval "[[ \$(launchers again -o name) == $pod ]]"
  fleetctl clear >/dev/null
  remove again
}

check_freeze() {
  ephemeral frost
  runs frost
  within 5 "its agent is not connected" condition frost AgentConnected True
  subresource virtualmachineinstances frost/freeze '{"unfreezeTimeout":"1m"}' >/dev/null
  within 5 "it is not frozen" is vmi frost '{.status.fsFreezeStatus}' frozen
  subresource virtualmachineinstances frost/unfreeze >/dev/null
  within 5 "it is still frozen" is vmi frost '{.status.fsFreezeStatus}' ''
  within 2 "it does not tell its OS" eval "kubectl get --raw /apis/subresources.kubevirt.io/v1/namespaces/default/virtualmachineinstances/frost/guestosinfo | grep -q Fedora"
  remove frost
}

# moves NAME MIGRATION: the migration succeeds and the guest runs on, elsewhere.
moves() {
  local before
  before=$(get vmi "$1" '{.status.nodeName}')
  migrate "$1" "$2"
  within 20 "$2 did not succeed" phase vmim "$2" Succeeded
  within 1 "$1 is where it was" eval "! is vmi $1 '{.status.nodeName}' $before"
  within 1 "$1 is not running" phase vmi "$1" Running
  within 1 "$1 booted again" guest "$1" boots 1
  within 5 "the target's label is left" is vmi "$1" '{.metadata.labels.kubevirt\.io/migrationTargetNodeName}' ''
  within 5 "the source's pod did not end" eval "[[ \$(launchers $1 --field-selector status.phase=Succeeded -o name | wc -l) -ge 1 ]]"
  within 5 "$1 has the wrong address" eval "is vmi $1 '{.status.interfaces[0].ipAddress}' \$(launchers $1 --field-selector status.phase=Running -o jsonpath='{.items[0].status.podIP}')"
}

check_migrate_block() {
  ephemeral block
  runs block
  within 5 "its agent is not connected" condition block AgentConnected True
  moves block block-1
  moves block block-2
  remove block
}

check_migrate_shared() {
  persistent wide shared
  runs wide
  within 1 "its method is not LiveMigration" is vmi wide '{.status.migrationMethod}' LiveMigration
  within 5 "its agent is not connected" condition wide AgentConnected True
  moves wide wide-1
  remove wide
  within 20 "its volume is not gone" gone pvc wide
}

check_migrate_local() {
  persistent stuck immediate
  runs stuck
  within 1 "a claim of one node is migratable" condition stuck LiveMigratable False
  within 1 "the reason is not its disk" is vmi stuck '{.status.conditions[?(@.type=="LiveMigratable")].reason}' DisksNotLiveMigratable
  remove stuck
}

check_migrate_faults() {
  ephemeral mover
  runs mover
  local home
  home=$(get vmi mover '{.status.nodeName}')
  fleetctl fault migration-fail --match default/mover >/dev/null
  migrate mover fails
  within 20 "it did not fail" phase vmim fails Failed
  within 5 "no reason is given" like vmi mover '{.status.migrationState.failureReason}' 'Live migration failed'
  within 1 "the guest is gone" is vmi mover '{.status.nodeName}' "$home"
  fleetctl clear >/dev/null
  fleetctl fault migration-stall --match default/mover >/dev/null
  migrate mover stalls
  within 20 "it does not run" phase vmim stalls Running
  kubectl delete vmim stalls --wait=false >/dev/null
  within 20 "it was not aborted" is vmi mover '{.status.migrationState.abortStatus}' Succeeded
  within 20 "it is not gone" gone vmim stalls
  fleetctl clear >/dev/null
  within 5 "the guest is gone" guest mover state Running
  fleetctl fault migration-ignore-cancel --match default/mover >/dev/null
  fleetctl fault migration-slow --match default/mover --delay 1m >/dev/null
  migrate mover races
  within 20 "it does not run" phase vmim races Running
  kubectl delete vmim races --wait=false >/dev/null
  within 20 "it did not complete" is vmi mover '{.status.migrationState.completed}' true
  within 1 "it did not move" eval "! is vmi mover '{.status.nodeName}' $home"
  fleetctl clear >/dev/null
  remove mover
}

check_hotplug_cpu_memory() {
  memory=1Gi ephemeral plug
  runs plug
  within 5 "its agent is not connected" condition plug AgentConnected True
  kubectl patch vm plug --type json -p '[{"op":"replace","path":"/spec/template/spec/domain/cpu/sockets","value":2},{"op":"replace","path":"/spec/template/spec/domain/memory/guest","value":"2Gi"}]' >/dev/null
  within 60 "it has not two sockets" is vmi plug '{.status.currentCPUTopology.sockets}' 2
  within 30 "it has not the memory" is vmi plug '{.status.memory.guestCurrent}' 2Gi
  within 10 "a change is pending" eval "! like vmi plug '{.status.conditions}' Change"
  within 1 "it booted again" guest plug boots 1
  remove plug
}

check_hotplug_volume() {
  # KubeVirt counts the volumes of its attachment pods and expects a token among them
  # (pkg/virt-controller/watch/vmi/volume-hotplug.go, podVolumesMatchesReadyVolumes).
  if [[ -z $(kubectl run probe --image=none --dry-run=server -o 'jsonpath={.spec.volumes}') ]]; then
    echo "  skipped: the API server does not mount tokens (admission plugin ServiceAccount)"
    return
  fi
  local gates
  gates=$(kubectl -n kubevirt get kubevirt kubevirt -o 'jsonpath={.spec.configuration.developerConfiguration.featureGates}')
  kubectl -n kubevirt patch kubevirt kubevirt --type merge -p '{"spec":{"configuration":{"developerConfiguration":{"featureGates":["HotplugVolumes"]}}}}' >/dev/null
  ephemeral outlet
  runs outlet
  kubectl apply -f - >/dev/null <<YAML
apiVersion: cdi.kubevirt.io/v1beta1
kind: DataVolume
metadata: {name: plugged, namespace: default}
spec: {source: {blank: {}}, storage: {storageClassName: shared, resources: {requests: {storage: 1Gi}}}}
YAML
  within 15 "the volume is not there" phase dv plugged Succeeded
  subresource virtualmachines outlet/addvolume '{"name":"plugged","disk":{"disk":{"bus":"scsi"}},"volumeSource":{"dataVolume":{"name":"plugged"}}}' >/dev/null
  within 20 "it is not ready" is vmi outlet '{.status.volumeStatus[?(@.name=="plugged")].phase}' Ready
  moves outlet outlet-1
  subresource virtualmachines outlet/removevolume '{"name":"plugged"}' >/dev/null
  within 20 "it is still there" is vmi outlet '{.status.volumeStatus[?(@.name=="plugged")].phase}' ''
  remove outlet
  kubectl delete dv plugged --wait=false >/dev/null
  kubectl -n kubevirt patch kubevirt kubevirt --type merge -p "{\"spec\":{\"configuration\":{\"developerConfiguration\":{\"featureGates\":${gates:-[]}}}}}" >/dev/null
}

check_volume_migration() {
  persistent shift immediate
  runs shift
  within 5 "its agent is not connected" condition shift AgentConnected True
  kubectl apply -f - >/dev/null <<YAML
apiVersion: cdi.kubevirt.io/v1beta1
kind: DataVolume
metadata: {name: shift-2, namespace: default}
spec: {source: {blank: {}}, storage: {storageClassName: immediate, resources: {requests: {storage: 5Gi}}}}
YAML
  within 15 "the new volume is not there" phase dv shift-2 Succeeded
  kubectl patch vm shift --type json -p '[{"op":"add","path":"/spec/updateVolumesStrategy","value":"Migration"},{"op":"replace","path":"/spec/template/spec/volumes/0/dataVolume/name","value":"shift-2"},{"op":"replace","path":"/spec/dataVolumeTemplates","value":[]}]' >/dev/null
  within 60 "the disk did not move" is vmi shift '{.status.volumeStatus[0].persistentVolumeClaimInfo.claimName}' shift-2
  within 20 "it is still moving" is vmi shift '{.status.migratedVolumes}' ''
  within 1 "it booted again" guest shift boots 1
  remove shift
}

check_drain() {
  ephemeral evade
  kubectl patch vm evade --type merge -p '{"spec":{"template":{"spec":{"evictionStrategy":"LiveMigrate"}}}}' >/dev/null
  kubectl delete vmi evade >/dev/null
  runs evade
  local node
  node=$(get vmi evade '{.status.nodeName}')
  kubectl cordon "$node" >/dev/null
  kubectl create --raw "/api/v1/namespaces/default/pods/$(launchers evade -o jsonpath='{.items[0].metadata.name}')/eviction" -f - >/dev/null 2>&1 <<JSON || true
{"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": "$(launchers evade -o jsonpath='{.items[0].metadata.name}')", "namespace": "default"}}
JSON
  within 30 "it was not evacuated" eval "! is vmi evade '{.status.nodeName}' $node && guest evade boots 1"
  within 5 "it is still to be evacuated" is vmi evade '{.status.evacuationNodeName}' ''
  kubectl uncordon "$node" >/dev/null
  remove evade
}

check_disk_immediate() { persistent disk-net immediate; runs disk-net; within 1 "no progress" is dv disk-net '{.status.progress}' 100.0%; remove disk-net; }

check_disk_local() {
  persistent disk-local wffc
  within 10 "it does not wait for its first consumer" eval "phase dv disk-local WaitForFirstConsumer || phase dv disk-local ImportScheduled || phase dv disk-local ImportInProgress"
  runs disk-local 30
  within 1 "the volume is not where the guest is" eval "like pv \$(get pvc disk-local '{.spec.volumeName}') '{.spec.nodeAffinity}' \$(get vmi disk-local '{.status.nodeName}')"
  remove disk-local
  within 20 "its claim is not gone" gone pvc disk-local
}

check_disk_local_csi() { persistent disk-lvm wffc-csi; runs disk-lvm 30; remove disk-lvm; }

check_disk_grow() {
  persistent grower immediate
  runs grower
  kubectl patch pvc grower --type merge -p '{"spec":{"resources":{"requests":{"storage":"7Gi"}}}}' >/dev/null
  within 10 "it did not grow" is pvc grower '{.status.capacity.storage}' 7Gi
  remove grower
}

check_import_faults() {
  fleetctl fault import-fail --match default/bad >/dev/null
  persistent bad immediate
  within 15 "the VM does not tell" is vm bad '{.status.printableStatus}' DataVolumeError
  fleetctl clear >/dev/null
  runs bad
  remove bad
  fleetctl fault import-slow --match 'default/sl*' --delay 6s >/dev/null
  persistent slow immediate
  within 10 "it tells no progress" like dv slow '{.status.progress}' .
  runs slow 30
  fleetctl clear >/dev/null
  remove slow
}

check_deaf() {
  ephemeral deaf
  runs deaf
  fleetctl fault deaf --match default/deaf >/dev/null
  kubectl patch vm deaf --type merge -p '{"spec":{"runStrategy":"Halted"}}' >/dev/null
  sleep 3
  within 0 "it stopped although it is deaf" guest deaf state Running
  within 12 "it was not killed" is vm deaf '{.status.printableStatus}' Stopped
  fleetctl clear >/dev/null
  remove deaf
}

check_crash() {
  ephemeral crash
  kubectl patch vm crash --type merge -p '{"spec":{"runStrategy":"RerunOnFailure"}}' >/dev/null
  runs crash
  local before
  before=$(get vmi crash '{.metadata.uid}')
  fleetctl crash default/crash >/dev/null
  within 40 "it did not come back" eval "! is vmi crash '{.metadata.uid}' $before && phase vmi crash Running"
  fleetctl guest-off default/crash >/dev/null
  within 15 "a guest that powered itself off was started again" is vm crash '{.status.printableStatus}' Stopped
  remove crash
}

check_image_pull() {
  fleetctl fault image-pull --image '*fedora*' >/dev/null
  ephemeral unpulled
  within 15 "the VM does not tell" eval "is vm unpulled '{.status.printableStatus}' ImagePullBackOff || is vm unpulled '{.status.printableStatus}' ErrImagePull"
  fleetctl clear >/dev/null
  runs unpulled
  remove unpulled
}

check_refused() {
  fleetctl fault refuse-pod --match default/refused --reason NodeAffinity --times 1 >/dev/null
  ephemeral refused
  within 40 "it was not tried again" phase vmi refused Running
  within 0 "it was not refused" eval "fleetctl faults | grep -q '\"hits\": 1'"
  fleetctl clear >/dev/null
  remove refused
}

check_slow_start() {
  fleetctl fault slow-start --match default/late --delay 4s >/dev/null
  ephemeral late
  within 10 "it is not scheduled" phase vmi late Scheduled
  sleep 2
  within 0 "it did not wait" phase vmi late Scheduled
  runs late
  fleetctl clear >/dev/null
  remove late
}

check_partition() {
  ephemeral lost
  runs lost
  local node
  node=$(get vmi lost '{.status.nodeName}')
  fleetctl partition "$node" >/dev/null
  within 90 "the node is still ready" is node "$node" '{.status.conditions[?(@.type=="Ready")].status}' Unknown
  within 1 "the guest stopped" guest lost state Running
  kubectl delete vm lost --wait=false >/dev/null
  sleep 3
  within 0 "the guest heard of it" guest lost state Running
  fleetctl resume "$node" >/dev/null
  within 10 "the node is not ready" is node "$node" '{.status.conditions[?(@.type=="Ready")].status}' True
  within 15 "the VMI is not gone" gone vmi lost
  ephemeral dark
  runs dark
  node=$(get vmi dark '{.status.nodeName}')
  fleetctl power-off "$node" >/dev/null
  within 1 "the guest runs without power" eval "! guest dark state Running"
  fleetctl resume "$node" >/dev/null
  within 40 "it was not started again" guest dark state Running
  remove dark
}

check_nodes() {
  fleetctl add-nodes --count 2 --zone zone-x --cpus 4 --memory 8Gi >/dev/null
  within 20 "they are not ready" eval "[[ \$(kubectl get nodes -l topology.kubernetes.io/zone=zone-x --no-headers | grep -c ' Ready ') == 2 ]]"
  local node
  node=$(kubectl get nodes -l topology.kubernetes.io/zone=zone-x -o 'jsonpath={.items[0].metadata.name}')
  within 1 "it has the wrong size" is node "$node" '{.status.capacity.cpu}' 4
  within 20 "it has no virt-handler" eval "[[ \$(kubectl -n kubevirt get pod virt-handler-$node -o jsonpath='{.status.phase}') == Running ]]"
  fleetctl remove-node "$node" >/dev/null
  within 10 "it is not gone" gone node "$node"
}

check_burst() {
  local began=$SECONDS
  kubectl apply -f - >/dev/null < <(for n in $(seq 100); do cat <<YAML
---
apiVersion: kubevirt.io/v1
kind: VirtualMachineInstance
metadata: {name: burst-$n, namespace: default, labels: {burst: "1"}}
spec:
  terminationGracePeriodSeconds: 5
  domain: {memory: {guest: 64Mi}, devices: {}}
YAML
  done)
  within 60 "100 guests do not run" eval "[[ \$(kubectl get vmi -l burst=1 --no-headers | grep -c Running) == 100 ]]"
  echo "  100 guests ran after $((SECONDS - began)) s"
  began=$SECONDS
  kubectl delete vmi -l burst=1 --wait=false >/dev/null
  within 60 "100 guests are not gone" eval "[[ -z \$(kubectl get vmi -l burst=1 -o name) ]]"
  echo "  100 guests were gone after $((SECONDS - began)) s"
}

checks=("$@")
if ((${#checks[@]} == 0)); then
  mapfile -t checks < <(declare -F | sed -n 's/^declare -f check_//p')
fi
"$binary" up --dir "$cluster" --fleet-nodes 6 --fleet-zones 3
for current in "${checks[@]}"; do
  began=$SECONDS
  "check_$current" || fail "ended with $?"
  echo "$current: $((SECONDS - began)) s"
done
if ((${#failures[@]} > 0)); then
  printf 'failed: %s\n' "${failures[@]}"
  exit 1
fi
echo "all ${#checks[@]} checks passed"
