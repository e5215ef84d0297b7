"""Asks Nova's own scheduler classes about inputs of the recorded shape. See README.md."""

import contextlib
import datetime
import itertools
import logging

import nova.conf
from nova import objects
from nova import servicegroup  # noqa: F401 registers its options
from nova.objects import fields
from nova.scheduler import filters as filter_package
from nova.scheduler import host_manager, manager
from nova.scheduler import weights as weight_package
from oslo_serialization import jsonutils
from oslo_utils import timeutils

CONF = nova.conf.CONF
CONF([], project='nova', default_config_files=[])
objects.register_all()

logging.disable(logging.CRITICAL)
NOW = datetime.datetime(2026, 1, 1, 12, 0, 0)
timeutils.set_time_override(NOW)
UTC = datetime.timezone.utc

FILTERS = {cls.__name__: cls for cls in filter_package.all_filters()}
WEIGHERS = {cls.__name__: cls for cls in weight_package.all_weighers()}
FILTER_HANDLER = filter_package.HostFilterHandler()
WEIGHT_HANDLER = weight_package.HostWeightHandler()


class Refused(Exception):
    """Nova's configuration or its objects do not take the input: no case."""


@contextlib.contextmanager
def configured(options):
    """Sets `group.option` while the block runs. Filters and weighers read some when they are made."""
    done = []
    try:
        for name, value in options.items():
            group, option = name.split('.', 1)
            group = None if group == 'DEFAULT' else group
            try:
                CONF.set_override(option, value, group=group)
            except ValueError as error:
                raise Refused(f'{name}={value!r}: {error}') from error
            done.append((option, group))
        yield
    finally:
        for option, group in done:
            CONF.clear_override(option, group=group)


def build(make):
    try:
        return make()
    except Exception as error:  # Nova's objects refuse values with many kinds of errors
        raise Refused(str(error)) from error


def host_state(host):
    return build(lambda: _host_state(host))


def _host_state(host):
    stats = dict(host['stats'])
    for stat, name in (('num_instances', 'num_instances'), ('io_workload', 'num_io_ops'),
                       ('failed_builds', 'failed_builds')):
        stats.setdefault(stat, str(host[name]))
    cells = host['numa_topology']
    compute = objects.ComputeNode(
        uuid=host['uuid'], vcpus=host['vcpus_total'], vcpus_used=host['vcpus_used'],
        memory_mb=host['total_usable_ram_mb'], free_ram_mb=host['free_ram_mb'],
        local_gb=host['total_usable_disk_gb'], local_gb_used=host['disk_mb_used'] // 1024,
        free_disk_gb=host['free_disk_mb'] // 1024, disk_available_least=None, updated_at=None,
        numa_topology=numa_topology(cells) if cells else None,
        pci_device_pools=objects.PciDevicePoolList(objects=[pci_pool(pool) for pool in host['pci_pools']]),
        host_ip=host['host_ip'], hypervisor_type=host['hypervisor_type'],
        hypervisor_version=host['hypervisor_version'] or 0, hypervisor_hostname=host['hypervisor_hostname'],
        cpu_info=host['cpu_info'],
        supported_hv_specs=[objects.HVSpec.from_list(kind) for kind in host['supported_instances']],
        stats=stats, metrics=None, cpu_allocation_ratio=host['cpu_allocation_ratio'],
        ram_allocation_ratio=host['ram_allocation_ratio'], disk_allocation_ratio=host['disk_allocation_ratio'])
    aggregates = [objects.Aggregate(id=one['id'], name=one['name'], metadata=one['metadata'])
                  for one in host['aggregates']]
    instances = {one['uuid']: instance(one) for one in host['instances']}
    state = host_manager.HostState(host['host'], host['nodename'], host['cell_uuid'])
    state.update(compute, dict(service(host)), aggregates, instances)
    state.stats, state.hypervisor_version = dict(host['stats']), host['hypervisor_version']
    state.metrics = objects.MonitorMetricList(objects=[
        objects.MonitorMetric(name=one['name'], value=one['value'], source='x', timestamp=NOW.replace(tzinfo=UTC))
        for one in host['metrics']])
    state.allocation_candidates = [dict(one) for one in host['allocation_candidates']]
    return state


def service(host):
    kept = host['service']
    age = kept['seconds_since_heartbeat']
    now = NOW.replace(tzinfo=UTC)
    seen = None if age is None else now - datetime.timedelta(seconds=age)
    return objects.Service(
        host=host['host'], binary='nova-compute', topic='compute', disabled=kept['disabled'],
        disabled_reason=kept['disabled_reason'], forced_down=kept['forced_down'], last_seen_up=seen,
        created_at=now - datetime.timedelta(days=30), report_count=1)


def instance(one):
    properties = one.get('image_properties')
    kept = {f'image_{name}': str(value) for name, value in (properties or {}).items()}
    return objects.Instance(
        uuid=one['uuid'], system_metadata=kept, image_ref='', id=1)


def pci_pool(pool):
    own = {'vendor_id', 'product_id', 'numa_node', 'count'}
    return objects.PciDevicePool(
        vendor_id=pool['vendor_id'], product_id=pool['product_id'], numa_node=pool['numa_node'],
        count=pool['count'], tags={key: value for key, value in pool.items() if key not in own})


def numa_topology(cells):
    return jsonutils.dumps(objects.NUMATopology(cells=[objects.NUMACell(
        id=cell['id'], cpuset=set(cell.get('cpuset', [])), pcpuset=set(cell.get('pcpuset', [])),
        memory=cell['memory_mb'], cpu_usage=cell.get('cpu_usage', 0), memory_usage=cell.get('memory_usage', 0),
        pinned_cpus=set(cell.get('pinned_cpus', [])), siblings=[set(one) for one in cell.get('siblings', [])],
        mempages=[], socket=cell.get('socket')) for cell in cells]).obj_to_primitive())


def request_spec(spec):
    return build(lambda: _request_spec(spec))


def _request_spec(spec):
    flavor, image, group = spec['flavor'], spec['image'], spec['instance_group']
    made = objects.RequestSpec(
        instance_uuid=spec['instance_uuid'], project_id=spec['project_id'], user_id=spec['user_id'],
        availability_zone=spec['availability_zone'], num_instances=spec['num_instances'],
        ignore_hosts=spec['ignore_hosts'], force_hosts=spec['force_hosts'], force_nodes=spec['force_nodes'],
        scheduler_hints=spec['scheduler_hints'], limits=objects.SchedulerLimits(), retry=None,
        requested_resources=[],
        flavor=objects.Flavor(
            name=flavor['name'], flavorid=flavor['name'], vcpus=flavor['vcpus'], memory_mb=flavor['memory_mb'],
            root_gb=flavor['root_gb'], ephemeral_gb=flavor['ephemeral_gb'], swap=flavor['swap'],
            extra_specs=flavor['extra_specs']))
    made.image = image and image_meta(image)
    made.instance_group = group and objects.InstanceGroup(
        uuid=group['uuid'], policy=group['policy'], policies=[group['policy']] if group['policy'] else [], members=list(group['members']), hosts=list(group['hosts']),
        _rules={name: str(value) for name, value in (group['rules'] or {}).items()})
    wanted = spec['requested_destination']
    made.requested_destination = None
    if wanted:
        named = {'host': wanted['host'], 'node': wanted.get('node')} if wanted.get('host') is not None else {}
        made.requested_destination = objects.Destination(
            allow_cross_cell_move=wanted.get('allow_cross_cell_move', False), **named)
        if wanted.get('cell_uuid'):
            made.requested_destination.cell = objects.CellMapping(uuid=wanted['cell_uuid'])
    made.pci_requests = objects.InstancePCIRequests(
        instance_uuid=spec['instance_uuid'],
        requests=[objects.InstancePCIRequest(count=one['count'], spec=one['spec'], request_id=None)
                  for one in spec['pci_requests'] or []])
    cells = spec['numa_topology']
    made.numa_topology = cells and objects.InstanceNUMATopology(cells=[objects.InstanceNUMACell(
        id=cell['id'], cpuset=set(cell.get('cpuset', [])), pcpuset=set(cell.get('pcpuset', [])),
        memory=cell['memory_mb'], cpu_policy=cell.get('cpu_policy'), pagesize=None) for cell in cells])
    return made


def image_meta(image):
    named = {'id': image['id']} if image['id'] else {}
    return objects.ImageMeta.from_dict({**named, 'properties': dict(image['properties'])})


def effective_properties(properties):
    """What Nova makes of an image's properties, as JSON has it."""
    made = build(lambda: image_meta({'id': None, 'properties': properties})).properties
    named = {name: getattr(made, name) for name in made.fields if made.obj_attr_is_set(name)}
    return jsonutils.loads(jsonutils.dumps(named))


def without_cells():
    """ImagePropertiesWeigher reads instances from a cell's database; here they carry what it asks for."""
    objects.CellMapping.get_by_uuid = classmethod(lambda cls, context, uuid: objects.CellMapping(uuid=uuid))
    objects.InstanceList.fill_metadata = lambda self: None
    import nova.context

    @contextlib.contextmanager
    def stay(context, cell):
        yield context
    nova.context.target_cell = stay


without_cells()


def filter_answer(name, host, spec, options):
    """True or False, or the class of what Nova raises."""
    state, request = host_state(host), request_spec(spec)
    with configured(options):
        wanted = FILTERS[name]()
        try:
            return len(FILTER_HANDLER.get_filtered_objects([wanted], [state], request)) == 1
        except Exception as error:
            return type(error)


def weigher_answer(name, hosts, spec, options):
    states, request = [host_state(host) for host in hosts], request_spec(spec)
    with configured(options):
        weigher = WEIGHERS[name]()
        try:
            plain = [weight_package.WeighedHost(state, 0.0) for state in states]
            raw = weigher.weigh_objects(plain, request)
            normalised = list(weight_package.weights.normalize(raw, weigher.minval, weigher.maxval))
            result = WEIGHT_HANDLER.get_weighed_objects([weigher], states, request)
        except Exception as error:
            return {'error': type(error).__name__}
        weight_of = {one.obj.host: one.weight for one in result}
        return {
            'minval': weigher.minval, 'maxval': weigher.maxval, 'rawWeights': raw, 'normalised': normalised,
            'multipliers': [weigher.weight_multiplier(state) for state in states],
            'weights': [weight_of[state.host] for state in states], 'order': [one.obj.host for one in result]}


class Noting:
    """Nova's handler, one filter at a time: how many hosts each leaves."""

    def __init__(self):
        self.after = []

    def get_filtered_objects(self, filters, hosts, spec, index=0):
        left = list(hosts)
        for one in filters:
            left = FILTER_HANDLER.get_filtered_objects([one], left, spec, index)
            self.after.append([type(one).__name__, len(left)])
        return left


class Scheduler:
    """A configuration over a fleet whose state is consumed from request to request."""

    def __init__(self, hosts, filters, weighers, options):
        self.options = options
        with configured(options):
            self.filters = [FILTERS[name]() for name in filters]
            self.weighers = [WEIGHERS[name]() for name in weighers]
        self.states = {host['host']: host_state(host) for host in hosts}

    def decide(self, spec, candidates):
        """What Nova's host manager and scheduler manager do after Placement's answer."""
        spec = request_spec(spec)
        hosts = host_manager.HostManager.__new__(host_manager.HostManager)
        hosts.filter_handler, hosts.enabled_filters = Noting(), self.filters
        hosts.weight_handler, hosts.weighers = WEIGHT_HANDLER, self.weighers
        scheduler = manager.SchedulerManager.__new__(manager.SchedulerManager)
        scheduler.host_manager = hosts
        with configured(self.options):
            states = [self.states[name] for name in candidates]
            filtered = list(hosts.get_filtered_hosts(iter(states), spec, 0))
            after = hosts.filter_handler.after
            weighed = hosts.get_weighed_hosts(filtered, spec) if filtered else []
            hosts.filter_handler = FILTER_HANDLER
            chosen = scheduler._get_sorted_hosts(spec, states, 0)
        best = [one for one in itertools.takewhile(lambda one: one.weight == weighed[0].weight, weighed)]
        if chosen:
            manager.SchedulerManager._consume_selected_host(chosen[0], spec, None)
        return {
            'afterEachFilter': after, 'filtered': [state.host for state in filtered],
            'topWeights': [[one.obj.host, one.weight] for one in weighed[:10]], 'tiedBest': len(best),
            'chosen': chosen[0].host if chosen else None}

    def add_instance(self, name, uuid):
        self.states[name].instances[uuid] = instance({'uuid': uuid})

    def final_state(self):
        return {name: [state.free_ram_mb, state.free_disk_mb, state.vcpus_used, state.num_instances,
                       state.num_io_ops] for name, state in self.states.items()}


METRIC_NAMES = [name for name in fields.MonitorMetricType.ALL if not name.startswith('numa')]
