"""Records what Nova answers about random content, in the shapes that `npm run parity` replays. See README.md."""

import argparse
import collections
import json
import pathlib
import random

from content import AGGREGATE_KEYS, CELLS, IMAGE_IDS, IMAGE_TEXTS, KEYS, METRICS, TEXTS, Draw
import nova_side

OPTION_OF = {
    'RAMWeigher': 'filter_scheduler.ram_weight_multiplier',
    'CPUWeigher': 'filter_scheduler.cpu_weight_multiplier',
    'DiskWeigher': 'filter_scheduler.disk_weight_multiplier',
    'IoOpsWeigher': 'filter_scheduler.io_ops_weight_multiplier',
    'NumInstancesWeigher': 'filter_scheduler.num_instances_weight_multiplier',
    'MetricsWeigher': 'metrics.weight_multiplier',
    'BuildFailureWeigher': 'filter_scheduler.build_failure_weight_multiplier',
    'ServerGroupSoftAffinityWeigher': 'filter_scheduler.soft_affinity_weight_multiplier',
    'ServerGroupSoftAntiAffinityWeigher': 'filter_scheduler.soft_anti_affinity_weight_multiplier',
    'PCIWeigher': 'filter_scheduler.pci_weight_multiplier',
    'ImagePropertiesWeigher': 'filter_scheduler.image_props_weight_multiplier',
    'HypervisorVersionWeigher': 'filter_scheduler.hypervisor_version_weight_multiplier',
    'CrossCellWeigher': 'filter_scheduler.cross_cell_move_weight_multiplier',
}


# What each filter looks at


def extra_specs(draw, spec, host):
    names = KEYS + [f'aggregate_instance_extra_specs:{key}' for key in KEYS + ['a:b']] + ['hw:cpu_policy', 'x:y:z']
    for _ in range(draw.whole(1, 3)):
        spec['flavor']['extra_specs'][draw.of(names)] = draw.requirement()


def aggregate_extra_specs(draw, spec, host):
    extra_specs(draw, spec, host)
    for name, text in spec['flavor']['extra_specs'].items():
        key = name.split(':', 1)[-1]
        for aggregate in host['aggregates']:
            if draw.chance(.8):
                aggregate['metadata'][key] = draw.one(draw.number_text(), text.split(' ')[-1], text)


def capabilities(draw, spec, host):
    names = ['vcpus_used', 'hypervisor_type', 'cpu_info:vendor', 'cpu_info:topology:cores', 'cpu_info:features',
             'cpu_info:topology', 'cpu_info:smt', 'cpu_info:level', 'cpu_info:ratio', 'cpu_info:huge', 'cpu_info:small',
             'cpu_info:none', 'cpu_info:mixed', 'cpu_info:nested:deep', 'cpu_info', 'cpu_info:text:x', 'stats:gpu',
             'free_ram_mb', 'cpu_allocation_ratio', 'host', 'hypervisor_version', 'nope', 'a:b', 'failed_builds',
             'limits', 'numa_topology', 'uuid', 'supported_instances', 'service:disabled', 'cell_uuid', '', *KEYS]
    for _ in range(draw.whole(1, 2)):
        name = draw.of(names)
        key = draw.one(f'capabilities:{name}', f'capabilities:{name}', name)
        spec['flavor']['extra_specs'][key] = draw.one(
            draw.requirement(), '8', '8.0', '2.5', '1e+16', '1e-05', 'True', '{}', "['avx', 'avx2', 'sse4.2']",
            '[1, 2.0, False]', "[1, 'a', None, {'k': 'é\\n'}]", "[['x86_64', 'kvm', 'hvm']]",
            "{'cores': 8, 'threads': 2, 'sockets': 1}", 'None', 's!= x', '<in> a', '[]')
    if draw.chance(.15):
        spec['flavor']['extra_specs']['hw:maxphysaddr_bits'] = draw.one('42', '46', '47', 'x', '')


def image_isolation(draw, spec, host):
    for aggregate in host['aggregates']:
        for name in draw.some((spec['image'] or {}).get('properties', {}), 3):
            aggregate['metadata'][name] = draw.aggregate_value(name)


def tenants(draw, spec, host):
    for aggregate in host['aggregates']:
        if draw.chance(.6):
            key = draw.one('filter_tenant_id', 'filter_tenant_id_2', 'filter_tenant_idx', 'Filter_tenant_id')
            aggregate['metadata'][key] = draw.aggregate_value('filter_tenant_id')


def flavors(draw, spec, host):
    for aggregate in host['aggregates']:
        if draw.chance(.6):
            aggregate['metadata']['instance_type'] = draw.aggregate_value('instance_type')


def limits(key):
    def change(draw, spec, host):
        for aggregate in host['aggregates']:
            if draw.chance(.7):
                aggregate['metadata'][key] = draw.one(draw.number_text(), str(draw.whole(0, 60)))
    return change


def hinted(name):
    def change(draw, spec, host):
        known = [one['uuid'] for one in host['instances']]
        spec['scheduler_hints'][name] = draw.one(
            known[:1], known, [draw.uuid()], [draw.uuid(), *known], [''], ['', ''], [], ['not-a-uuid'],
            [one.upper() for one in known], ['', *known])
    return change


def near(draw, spec, host):
    hints = spec['scheduler_hints']
    if draw.chance(.95):
        hints['build_near_host_ip'] = [draw.one(
            draw.address(), draw.address(), draw.address(), '', '192.0.2', '192.0.2.010', '192.0.2.1.1', ' 192.0.2.10',
            '2001:DB8::1', '::', '1::2::3', '::ffff:192.0.2.10', '::192.0.2.10', '256.1.1.1', 'fe80::1%eth0',
            '192.0.2.10/24', 'host')]
        if draw.chance(.05):
            hints['build_near_host_ip'] *= 2
    if draw.chance(.8):
        hints['cidr'] = draw.one(
            *[[f'/{bits}'] for bits in (0, 1, 8, 16, 24, 25, 31, 32, 33, 48, 64, 127, 128, 129, -1)],
            ['/255.255.255.0'], ['/0.0.0.255'], ['/255.0.255.0'], ['/ 24'], ['/024'], ['/+24'], ['/2_4'], ['24'], [''],
            ['/'], ['/24 '], ['/ffff::'], [], ['/24', '/16'], ['/x'], ['/1e1'], ['/٢٤'], ['/0.0.0.0'],
            ['/255.255.255.255'], ['/24/8'])


def queried(draw, spec, host):
    text = json.dumps(draw.query(), ensure_ascii=draw.chance(.5))
    spec['scheduler_hints']['query'] = [draw.one(
        *[text] * 12, '', 'null', '0', '5', 'true', '"=ab"', '"<ab"', '"=aa"', '"abc"', '{}', '[]', '[[]]', '["="',
        '{"and": []}', f' {text} ', '[["="], 1]', '[null]', '[1]', '["not"]', '["<", "$free_ram_mb", NaN]',
        '["<", "$free_ram_mb", Infinity]', '[">", "$free_ram_mb", -Infinity, ]', '["=", "\\ud83d\\ude00", "\U0001f600"]',
        '["<", "\uffee", "\U0001f600"]', '["or", ["=", 1, 1], ["<", "a", 1]]', '["not", ["<", 5, 3, "a"]]',
        '["=", ["not", 1, 0], ["not", true, false]]', '["<", ["not", 1], ["not", 0]]', '["in", 1, true, "1"]',
        '["=", 1, true, 1.0]', '["=", {"a": 1}, {"a": 1.0}]', '["=", {"a": 1, "b": 2}, {"b": 2, "a": true}]',
        '["<=", "$supported_instances", "$supported_instances"]', '["and", "$limits"]', '["not", "$limits"]',
        '["<", {"a": 1}, {"b": 2}]', '["<", null, 1]', '["=", 9007199254740993, 9007199254740992]',
        '["=", "$cpu_allocation_ratio", 16]', '["<", "B", "a", "b"]', '["<", true, 2]')]
    if draw.chance(.04):
        spec['scheduler_hints']['query'] = draw.one([], [text, text], ['', ''])


def grouped(policies):
    def change(draw, spec, host):
        pool = [one['uuid'] for one in host['instances']]
        if draw.chance(.95):
            group = draw.group(draw.of(policies), [*pool, draw.uuid()], [host['host'], 'elsewhere'])
            spec['instance_group'] = group
            if pool and draw.chance(.2):
                spec['instance_uuid'] = pool[0]
    return change


def pci(draw, spec, host):
    spec['pci_requests'] = [{'count': draw.one(1, 2, 5), 'spec': [
        {'vendor_id': '8086', 'product_id': draw.one('1520', '1521')}]} for _ in range(draw.whole(0, 2))]


def numa(draw, spec, host):
    if draw.chance(.7):
        host['numa_topology'] = [{'id': 0, 'cpuset': [0, 1, 2, 3], 'memory_mb': draw.one(512, 4096)}]
    if draw.chance(.7):
        spec['numa_topology'] = [{'id': 0, 'cpuset': [0, 1][:draw.whole(1, 2)], 'memory_mb': draw.one(512, 2048)}]


def nothing(draw, spec, host):
    pass


def isolated(draw):
    return {
        'filter_scheduler.isolated_hosts': draw.some(['host-a', 'host-b', 'Host-a'], 2),
        'filter_scheduler.isolated_images': draw.some(IMAGE_IDS[:2], 2),
        'filter_scheduler.restrict_isolated_hosts_to_isolated_images': draw.chance(.5)}


def weight_setting(draw, names):
    return [draw.one(f'{name}={draw.one("1", "1.0", "-2.5", "0", "1e3", " 2 ", "x", "")}', f'{name}=1.5', name, f'={name}')
            if draw.chance(.3) else f'{name}={draw.one(1.0, 2.0, -1.5, 0.0)}' for name in draw.some(names, 3)]


NO_OPTIONS = dict

# By filter: what it looks at, and its options.
FILTERS = {
    'AggregateImagePropertiesIsolation': (image_isolation, lambda draw: draw.one({}, {}, {}, {
        'filter_scheduler.aggregate_image_properties_isolation_namespace': draw.one('hw', 'os', 'img', ''),
        'filter_scheduler.aggregate_image_properties_isolation_separator': draw.one('_', '.', '')})),
    'AggregateInstanceExtraSpecsFilter': (aggregate_extra_specs, None),
    'AggregateIoOpsFilter': (limits('max_io_ops_per_host'),
                             lambda draw: {'filter_scheduler.max_io_ops_per_host': draw.one(0, 1, 8, 50)}),
    'AggregateMultiTenancyIsolation': (tenants, None),
    'AggregateNumInstancesFilter': (limits('max_instances_per_host'), lambda draw: draw.one(
        {}, {'filter_scheduler.max_instances_per_host': draw.one(1, 8, 50)})),
    'AggregateTypeAffinityFilter': (flavors, None),
    'AllHostsFilter': (nothing, None),
    'ComputeCapabilitiesFilter': (capabilities, None),
    'ComputeFilter': (nothing, lambda draw: draw.one({}, {'DEFAULT.service_down_time': draw.one(60, 10, 120, 2592000)})),
    'DifferentHostFilter': (hinted('different_host'), None),
    'ImagePropertiesFilter': (nothing, lambda draw: draw.one({}, {}, {
        'filter_scheduler.image_properties_default_architecture': draw.one('x86_64', 'aarch64')})),
    'IoOpsFilter': (nothing, lambda draw: draw.one({}, {'filter_scheduler.max_io_ops_per_host': draw.one(0, 1, 5)})),
    'IsolatedHostsFilter': (nothing, isolated),
    'JsonFilter': (queried, None),
    'MetricsFilter': (nothing, lambda draw: {'metrics.weight_setting': weight_setting(draw, METRICS)}),
    'NUMATopologyFilter': (numa, None),
    'NumInstancesFilter': (nothing, lambda draw: {'filter_scheduler.max_instances_per_host': draw.one(1, 20, 50)}),
    'PciPassthroughFilter': (pci, None),
    'SameHostFilter': (hinted('same_host'), None),
    'ServerGroupAffinityFilter': (grouped(['affinity', 'affinity', 'anti-affinity', 'soft-affinity']), None),
    'ServerGroupAntiAffinityFilter': (grouped(['anti-affinity', 'anti-affinity', 'affinity']), None),
    'SimpleCIDRAffinityFilter': (near, None),
}
SHARE = collections.defaultdict(lambda: 1, {
    'JsonFilter': 6, 'ComputeCapabilitiesFilter': 6, 'AggregateInstanceExtraSpecsFilter': 4,
    'SimpleCIDRAffinityFilter': 4, 'ImagePropertiesFilter': 4, 'AggregateImagePropertiesIsolation': 3,
    'ServerGroupAntiAffinityFilter': 3, 'ServerGroupAffinityFilter': 2, 'AllHostsFilter': .1, 'NUMATopologyFilter': .3,
    'PciPassthroughFilter': .3})


def with_effective(spec):
    image = spec['image']
    if image:
        image['effective_properties'] = nova_side.effective_properties(image['properties'])
    return spec


def filter_recording(draw, per_filter, progress):
    cases, raises, refused = [], [], 0
    for name, (change, options) in FILTERS.items():
        for number in range(max(1, int(per_filter * SHARE[name]))):
            pool = [draw.uuid() for _ in range(4)]
            host, spec = draw.host(draw.one('host-a', 'host-b'), pool), draw.spec()
            change(draw, spec, host)
            if draw.chance(.04):
                spec['scheduler_hints']['_nova_check_type'] = draw.one(['rebuild'], ['rebuild'], ['migrate'])
            config = options(draw) if options else {}
            one = {'id': f'{name}-{number + 1:03}', 'filter': name, 'note': 'random', 'host': host}
            try:
                one |= {'spec': with_effective(spec), 'config': config}
                answer = nova_side.filter_answer(name, host, spec, config)
            except nova_side.Refused as error:
                refused += 1
                progress(f'{name}: {error}')
                continue
            if isinstance(answer, bool):
                cases.append(one | {'passes': answer})
            else:
                raises.append(one | {'error': answer.__name__})
        progress(name)
    return {'meta': meta(refused, count=len(cases), raises_count=len(raises)), 'cases': cases, 'raises': raises}


# Weighers


def weigher_config(draw, name):
    multiplier = draw.one(1.0, 0.0, -1.0, 2.5, 1e9, -1e-3, 0.1, 1000000.0)
    config = {OPTION_OF[name]: abs(multiplier) if name in (
        'PCIWeigher', 'ServerGroupSoftAffinityWeigher', 'ServerGroupSoftAntiAffinityWeigher') else multiplier}
    if name == 'MetricsWeigher':
        config |= {'metrics.weight_setting': weight_setting(draw, METRICS), 'metrics.required': draw.chance(.2),
                   'metrics.weight_of_unavailable': draw.one(-10000.0, 0.0, 5.5)}
    if name == 'ImagePropertiesWeigher':
        config['filter_scheduler.image_props_weight_setting'] = draw.one([], weight_setting(
            draw, ['os_distro', 'hw_machine_type', 'hw_cpu_cores', 'nope']))
    return {key: config[key] for key in config if draw.chance(.9)}


def weigher_recording(draw, per_weigher, progress):
    cases, raises, refused = [], [], 0
    for name in OPTION_OF:
        for number in range(per_weigher):
            pool = [draw.uuid() for _ in range(12)]
            names = draw.random.sample(NAMES, draw.one(1, 2, 3, 5, 8))
            hosts = [draw.host(one, pool) for one in names]
            key = OPTION_OF[name].split('.')[1]
            key = 'metrics_weight_multiplier' if name == 'MetricsWeigher' else key
            spec = draw.spec()
            for host in hosts:
                for aggregate in host['aggregates']:
                    if draw.chance(.4):
                        aggregate['metadata'][key] = draw.one('2.0', '-1', '0', '1e3', ' 4 ', 'x', '1,2', '0.1', '1_0', '٣')
                if name == 'CrossCellWeigher':
                    host['cell_uuid'] = draw.of(CELLS)
                if name == 'ImagePropertiesWeigher':
                    for one in host['instances']:
                        one['image_properties'] = nova_side.effective_properties(
                            {key: draw.of(IMAGE_TEXTS[key]) for key in draw.some(TEXT_PROPERTIES, 3)})
            if 'ServerGroup' in name:
                spec['instance_group'] = draw.group(draw.one('soft-affinity', 'soft-anti-affinity', 'affinity'), pool, names)
            if name == 'PCIWeigher':
                pci(draw, spec, hosts[0])
            if name == 'CrossCellWeigher':
                spec['requested_destination'] = draw.one(None, {
                    'host': None, 'node': None, 'cell_uuid': draw.one(None, *CELLS),
                    'allow_cross_cell_move': draw.chance(.7)})
            config = weigher_config(draw, name)
            one = {'id': f'{name}-{number + 1:03}', 'weigher': name, 'note': 'random', 'config': config, 'hosts': hosts}
            try:
                one['spec'] = with_effective(spec)
                answer = nova_side.weigher_answer(name, hosts, spec, config)
            except nova_side.Refused:
                refused += 1
                continue
            (raises if 'error' in answer else cases).append(one | answer)
        progress(name)
    return {'meta': meta(refused, count=len(cases), raises_count=len(raises)), 'cases': cases, 'raises': raises}


NAMES = [f'{prefix}{number}' for number in (2, 10, 1, 20, 3) for prefix in ('n', 'a-', 'Z')]
TEXT_PROPERTIES = ['os_distro', 'hw_machine_type', 'hw_cpu_cores', 'hw_vif_multiqueue_enabled', 'os_type']


# Fleets


RUN_FILTERS = [name for name in FILTERS if name not in ('NUMATopologyFilter', 'PciPassthroughFilter', 'MetricsFilter')]


def fleet_host(draw, name, pool):
    """Bigger and healthier than `host`, so that most requests find a place."""
    host = draw.host(name, pool)
    total, ram, disk = draw.one(8, 16, 64), draw.one(16384, 65536, 262144), draw.one(500, 2000)
    used = {'VCPU': draw.whole(0, total), 'MEMORY_MB': draw.whole(0, ram // 1024) * 512, 'DISK_GB': draw.whole(0, disk)}
    host |= {
        'vcpus_total': total, 'vcpus_used': used['VCPU'], 'total_usable_ram_mb': ram,
        'free_ram_mb': ram - used['MEMORY_MB'] - 512, 'total_usable_disk_gb': disk,
        'free_disk_mb': (disk - used['DISK_GB']) * 1024, 'disk_mb_used': used['DISK_GB'] * 1024,
        'num_instances': draw.whole(0, 6), 'num_io_ops': draw.whole(0, 3), 'hypervisor_type': draw.one('QEMU', 'xen'),
        'supported_instances': [['x86_64', 'kvm', 'hvm'], *host['supported_instances'][:1]],
        'placement_reserved': {'VCPU': draw.one(0, 1), 'MEMORY_MB': 512, 'DISK_GB': draw.one(0, 10)},
        'placement_used': used}
    host['service'] |= {'disabled': draw.chance(.05), 'forced_down': False,
                        'seconds_since_heartbeat': draw.one(5, 30, 60, 60, 61)}
    for aggregate in host['aggregates']:
        aggregate['metadata'] = {key: value for key, value in aggregate['metadata'].items()
                                 if key not in IMAGE_TEXTS and key not in KEYS or draw.chance(.2)}
        for key in [*(one.split('.')[1] for one in OPTION_OF.values()), 'availability_zone']:
            if draw.chance(.15):
                aggregate['metadata'][key] = draw.one('az1', 'az2') if key == 'availability_zone' else draw.one(
                    '0', '1', '-0.5', '3', 'x')
    return host


def fleet_request(draw, number, hosts, groups):
    names = [host['host'] for host in hosts]
    known = [one['uuid'] for host in hosts for one in host['instances']]
    spec = draw.spec()
    spec['flavor'] |= {'vcpus': draw.one(1, 2, 4, 8), 'memory_mb': draw.one(512, 2048, 8192)}
    if spec['image']:
        spec['image']['properties'].pop('hw_maxphysaddr_bits', None)
        if draw.chance(.6):
            spec['image']['properties'] = {}
    if draw.chance(.15):
        spec['availability_zone'] = draw.one('az1', 'az2', 'none')
    if draw.chance(.25):
        spec['flavor']['extra_specs'] = draw.one(
            {'capabilities:vcpus_used': '<= 40'}, {'hypervisor_type': '<or> QEMU <or> xen'}, {'gpu': 's== gold'},
            {'hw:cpu_policy': 'shared'}, {'capabilities:free_ram_mb': '>= 8192'}, {'capabilities:nope': '1'})
    if draw.chance(.15):
        spec['scheduler_hints'][draw.one('same_host', 'different_host')] = draw.some(known, 3)
    if draw.chance(.15):
        spec['scheduler_hints']['query'] = [draw.one(
            '[">=", "$free_ram_mb", 4096]', '["=", "$hypervisor_type", "QEMU"]', '["<", "$num_instances", 3]',
            '["not", ["in", "$host", "' + names[0] + '"]]', '["<", "$vcpus_used", "$vcpus_total"]')]
    if draw.chance(.1):
        spec['scheduler_hints'] |= {'build_near_host_ip': ['192.0.2.1'], 'cidr': [draw.one('/24', '/16', '/0')]}
    if draw.chance(.08):
        spec['ignore_hosts'] = draw.some(names, 5) + [names[0].upper()]
    if draw.chance(.06):
        spec['force_hosts'] = [draw.of(names)] if draw.chance(.7) else [draw.of(names).upper(), draw.of(names)]
    if draw.chance(.04):
        spec['force_nodes'] = [draw.of(hosts)['nodename'], 'nowhere']
    if draw.chance(.08):
        host = draw.of(hosts)
        spec['requested_destination'] = {
            'host': draw.one(host['host'], 'nowhere'), 'node': draw.one(None, host['nodename'], 'other'),
            'cell_uuid': None, 'allow_cross_cell_move': False}
    if draw.chance(.05):
        spec['scheduler_hints']['_nova_check_type'] = draw.one(['rebuild'], ['live_migrate'])
    if groups and draw.chance(.4):
        group = draw.of(groups)
        group['members'].append(spec['instance_uuid'])
        spec['instance_group'] = json.loads(json.dumps(group))
    return spec, spec['instance_group'] and spec['instance_group']['uuid']


def placement(hosts, ledger, spec):
    """Placement's rule, as test/vectors/nova has it: `used + asked <= (total - reserved) * ratio`, `asked <= total`."""
    flavor = spec['flavor']
    asked = {'VCPU': flavor['vcpus'], 'MEMORY_MB': flavor['memory_mb'],
             'DISK_GB': flavor['root_gb'] + flavor['ephemeral_gb'] + -(-flavor['swap'] // 1024)}

    def fits(host):
        zone = spec['availability_zone']
        if zone and not any(one['metadata'].get('availability_zone') == zone for one in host['aggregates']):
            return False
        for kind, total, ratio in (('VCPU', 'vcpus_total', 'cpu'), ('MEMORY_MB', 'total_usable_ram_mb', 'ram'),
                                   ('DISK_GB', 'total_usable_disk_gb', 'disk')):
            room = (host[total] - host['placement_reserved'][kind]) * host[f'{ratio}_allocation_ratio']
            if asked[kind] and (asked[kind] > host[total] or ledger[host['host']][kind] + asked[kind] > room):
                return False
        return True
    return asked, [host['host'] for host in hosts if fits(host)]


def run_options(draw, filters, weighers):
    options = {'DEFAULT.service_down_time': 60, 'filter_scheduler.host_subset_size': 1,
               'filter_scheduler.shuffle_best_same_weighed_hosts': False}
    for name in filters:
        make = FILTERS[name][1]
        if make and name != 'ComputeFilter' and draw.chance(.5):
            options |= make(draw)
    for name in weighers:
        options |= weigher_config(draw, name)
    for key in ('filter_scheduler.max_io_ops_per_host', 'filter_scheduler.max_instances_per_host'):
        if key in options:
            options[key] = draw.one(8, 20)
    if 'metrics.required' in options or 'MetricsWeigher' in weighers:
        options['metrics.required'] = False
    return options


def fleet_recording(draw, size, runs, requests, progress):
    pool = [draw.uuid() for _ in range(2 * size)]
    names = [f'{draw.one("rack", "n", "Z", "a-")}{number}' for number in range(size)]
    draw.random.shuffle(names)
    hosts, free = [], list(pool)
    for name in names:
        host = fleet_host(draw, name, ())
        host['instances'] = [{'uuid': free.pop()} for _ in range(draw.whole(0, 2))]
        hosts.append(host)
    recorded = []
    for number in range(runs):
        filters = draw.some(RUN_FILTERS, 7) if number else ['ComputeFilter']
        weighers = draw.some(OPTION_OF, 13)
        recorded.append(fleet_run(draw, f'run-{number}', hosts, filters, weighers, requests))
        progress(f'run {number}')
    columns = ['free_ram_mb', 'free_disk_mb', 'vcpus_used', 'num_instances', 'num_io_ops']
    return {'meta': meta(0, finalState_columns=columns), 'hosts': hosts, 'runs': recorded}


def fleet_run(draw, name, hosts, filters, weighers, requests):
    options = run_options(draw, filters, weighers)
    scheduler = nova_side.Scheduler(hosts, filters, weighers, options)
    ledger = {host['host']: dict(host['placement_used']) for host in hosts}
    groups = [{'uuid': draw.uuid(), 'policy': policy, 'members': [], 'hosts': [],
               'rules': {'max_server_per_host': 2} if policy == 'anti-affinity' and draw.chance(.5) else None}
              for policy in ('affinity', 'anti-affinity', 'soft-affinity', 'soft-anti-affinity')]
    done = []
    for number in range(requests):
        spec, group = fleet_request(draw, number, hosts, groups)
        asked, candidates = placement(hosts, ledger, with_effective(spec))
        try:
            answer = scheduler.decide(spec, candidates)
        except Exception:  # Nova fails the request: it is none of this shape
            forget(groups, spec)
            continue
        done.append({'n': len(done) + 1, 'group': group, 'spec': spec, 'placementRequest': asked,
                     'placementCandidates': candidates, **answer})
        if answer['chosen']:
            scheduler.add_instance(answer['chosen'], spec['instance_uuid'])
            for kind, amount in asked.items():
                ledger[answer['chosen']][kind] += amount
            for one in groups:
                if one['uuid'] == group and answer['chosen'] not in one['hosts']:
                    one['hosts'].append(answer['chosen'])
        else:
            forget(groups, spec)
    return {'config': name, 'enabled_filters': filters, 'weighers': weighers, 'options': options, 'requests': done,
            'finalState': scheduler.final_state()}


def forget(groups, spec):
    for group in groups:
        if spec['instance_uuid'] in group['members']:
            group['members'].remove(spec['instance_uuid'])


def meta(refused, **more):
    return {'source': 'nova 34.0.0', 'now': nova_side.NOW.isoformat() + 'Z', 'refused_by_nova': refused, **more}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--seed', type=int, default=1)
    parser.add_argument('--per-filter', type=int, default=20, help='cases for each filter; some get several times as many')
    parser.add_argument('--per-weigher', type=int, default=20)
    parser.add_argument('--hosts', type=int, default=30, help='hosts of the fleet')
    parser.add_argument('--runs', type=int, default=6, help='configurations of the fleet')
    parser.add_argument('--requests', type=int, default=60, help='requests of each')
    parser.add_argument('--verbose', action='store_true', help='say what Nova refuses to take')
    parser.add_argument('--out', type=pathlib.Path, required=True, help='folder for the three files')
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)

    def save(name, recording):
        path = args.out / f'{name}.json'
        path.write_text(json.dumps(recording, separators=(',', ':'), ensure_ascii=False))
        print(path)

    def quiet(line):
        if args.verbose:
            print(line)
    draw = Draw(random.Random(args.seed))
    save('filter-cases', filter_recording(draw, args.per_filter, quiet))
    save('weigher-cases', weigher_recording(draw, args.per_weigher, quiet))
    save('fleet', fleet_recording(draw, args.hosts, args.runs, args.requests, quiet))


if __name__ == '__main__':
    main()
