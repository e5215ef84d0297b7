"""Decisions per second of OpenStack Nova's own scheduler, in this process: the peer of `npm run bench:scheduler`.

A decision is HostManager.get_filtered_hosts and get_weighed_hosts over all hosts, with Nova's default filters and all
weighers of its tree, then HostState.consume_from_request on the best host. Not included: Placement, the database, the
message bus, making HostState and RequestSpec. Needs `pip install nova==34.0.0`; peer.sh sees to that.

Prints one JSON line per number of hosts: python bench_nova.py HOSTS... [--seconds S]
"""

import argparse
import datetime
import json
import os
import random
import resource
import time
import uuid
import warnings

warnings.filterwarnings("ignore")
os.environ.setdefault("OS_NOVA_DISABLE_EVENTLET_PATCHING", "1")

import nova.conf  # noqa: E402
from nova import objects  # noqa: E402
from nova.scheduler import host_manager  # noqa: E402

SIZES = [(32, 262144, 1800), (64, 524288, 3600), (128, 1048576, 7200)]
FLAVORS = [(1, 2), (1, 4), (2, 4), (2, 8), (4, 8), (4, 16), (8, 16), (8, 32)]


class Manager(host_manager.HostManager):
    """Without the three reads from the database at the start."""

    def refresh_cells_caches(self):
        self.cells, self.enabled_cells = {}, []

    def _init_aggregates(self):
        pass

    def _init_instance_info(self, computes_by_cell=None):
        pass


def a_uuid(rnd):
    return str(uuid.UUID(int=rnd.getrandbits(128)))


def make_host(i, rnd, now, zones):
    vcpus, memory, disk = rnd.choice(SIZES)
    vcpus_used, memory_used, disk_used = rnd.randrange(vcpus), int(rnd.random() * 0.4 * memory), int(rnd.random() * 0.3 * disk)
    name = f"node-{i:05d}"
    node = objects.ComputeNode(
        id=i + 1, uuid=a_uuid(rnd), service_id=i + 1, host=name, hypervisor_hostname=name,
        vcpus=vcpus, vcpus_used=vcpus_used, memory_mb=memory, memory_mb_used=memory_used, free_ram_mb=memory - memory_used,
        local_gb=disk, local_gb_used=disk_used, free_disk_gb=disk - disk_used, disk_available_least=None,
        hypervisor_type="QEMU", hypervisor_version=8002000, cpu_info='{"arch": "x86_64"}', host_ip="192.0.2.10", metrics="[]",
        stats={"num_instances": str(rnd.randrange(20)), "io_workload": "0", "failed_builds": "0"},
        supported_hv_specs=[objects.HVSpec.from_list(["x86_64", "kvm", "hvm"])],
        pci_device_pools=objects.PciDevicePoolList(objects=[]), numa_topology=None,
        cpu_allocation_ratio=4.0, ram_allocation_ratio=1.0, disk_allocation_ratio=1.0, updated_at=None)
    service = objects.Service(
        id=i + 1, host=name, binary="nova-compute", topic="compute", report_count=1, disabled=False, disabled_reason=None,
        forced_down=rnd.random() < 0.02, last_seen_up=now, created_at=now)
    state = host_manager.HostState(name, name, zones["cell"])
    state.update(node, dict(service), [zones["aggregates"][i % 3]], {})
    state.allocation_candidates = [{"mappings": {}}]
    return state


def make_hosts(count, rnd):
    aggregates = [
        objects.Aggregate(id=i, uuid=a_uuid(rnd), name=f"zone-{i}", hosts=[], metadata={"availability_zone": f"zone-{i}"})
        for i in (1, 2, 3)]
    zones = {"cell": a_uuid(rnd), "aggregates": aggregates}
    now = datetime.datetime.now(datetime.timezone.utc)
    return [make_host(i, rnd, now, zones) for i in range(count)]


def make_spec(n, rnd):
    vcpus, memory_gib = FLAVORS[n % len(FLAVORS)]
    return objects.RequestSpec(
        id=n, instance_uuid=a_uuid(rnd), project_id="p", user_id="u", availability_zone=None, num_instances=1,
        flavor=objects.Flavor(
            id=1, flavorid="f", name="f", vcpus=vcpus, memory_mb=memory_gib * 1024, root_gb=10 * vcpus, ephemeral_gb=0, swap=0,
            extra_specs={}),
        image=objects.ImageMeta.from_dict({"id": a_uuid(rnd), "properties": {}}), scheduler_hints={}, ignore_hosts=None,
        force_hosts=None, force_nodes=None, requested_destination=None, instance_group=None, numa_topology=None, retry=None,
        pci_requests=objects.InstancePCIRequests(requests=[]), limits=objects.SchedulerLimits(), requested_resources=[],
        is_bfv=False)


def decide(manager, hosts, spec):
    left = manager.get_filtered_hosts(iter(hosts), spec, 0)
    best = manager.get_weighed_hosts(left, spec)[0].obj
    best.consume_from_request(spec)


def run(manager, count, seconds):
    rnd = random.Random(count)
    hosts = make_hosts(count, rnd)
    specs = [make_spec(n, rnd) for n in range(1000)]
    decide(manager, hosts, specs[-1])
    times, cpu, start = [], time.process_time(), time.perf_counter()
    while time.perf_counter() - start < seconds or len(times) < 3:
        before = time.perf_counter()
        decide(manager, hosts, specs[len(times) % len(specs)])
        times.append(time.perf_counter() - before)
    cpu, wall = time.process_time() - cpu, time.perf_counter() - start
    decisions = len(times)
    times.sort()
    at = lambda share: round(1000 * times[int(share * (decisions - 1))], 3)  # noqa: E731
    return {
        "bench": "scheduler:like", "scheduler": "nova-34.0.0", "hosts": count, "instances": decisions, "profile": "default",
        "decisionsPerCpuSecond": round(decisions / cpu, 2), "decisionsPerSecond": round(decisions / wall, 2),
        "p50Ms": at(0.5), "p99Ms": at(0.99), "rssMiB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "decisions": decisions, "load1": round(os.getloadavg()[0], 2)}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("hosts", type=int, nargs="+")
    parser.add_argument("--seconds", type=float, default=10)
    args = parser.parse_args()
    objects.register_all()
    nova.conf.CONF([], project="nova", default_config_files=[])
    nova.conf.CONF.set_override("service_down_time", 86400)  # no heartbeat ages out in a long run
    nova.conf.CONF.set_override("shuffle_best_same_weighed_hosts", False, group="filter_scheduler")
    manager = Manager()
    for count in args.hosts:
        print(json.dumps(run(manager, count, args.seconds)), flush=True)


main()
