"""Random hosts, requests and settings with much in them that is easy to get wrong. All is drawn from one Random."""

import uuid

ARCHES = ['x86_64', 'i686', 'aarch64', 'ppc64le']
HV_TYPES = ['kvm', 'qemu', 'xen', 'lxc', 'uml', 'vmware']
VM_MODES = ['hvm', 'xen', 'exe', 'uml']
TEXTS = ['gold', 'silver', 'Gold', ' gold ', 'ssd,hdd', 'ssd, hdd', '', ' ', 'a=b', 'żółć', 'Ω', '\U0001f600', '\uffee',
         'x' * 40, "it's", 'say "so"', 'back\\slash', 'True', 'false', 'None', '16', '16.0', '1e3', '1_0', '٣', '-0',
         'nan', 'inf', '-inf', '0x10', '+5', '5.', '.5', '\u00a05\u00a0', '5,10', '3.5', 'one', '\t7\n']
KEYS = ['ssd', 'opt1', 'gpu', 'host', 'zone', 'żyła', 'a.b', 'size', 'hypervisor_type', 'vcpus_used', 'stats']
OPERATORS = ['=', '==', '!=', '>=', '<=', '>', '<', 's==', 's!=', 's>=', 's>', 's<=', 's<', '<in>', '<all-in>', '<or>',
             '<OR>', 'S==', '~', '']


class Draw:
    def __init__(self, random):
        self.random = random

    def one(self, *choices):
        return self.random.choice(choices)

    def of(self, choices):
        return self.random.choice(list(choices))

    def some(self, choices, most=3):
        choices = list(choices)
        return self.random.sample(choices, self.random.randint(0, min(most, len(choices))))

    def chance(self, share):
        return self.random.random() < share

    def whole(self, low, high):
        return self.random.randint(low, high)

    def uuid(self):
        return str(uuid.UUID(int=self.random.getrandbits(128), version=4))

    def number_text(self):
        return self.one(str(self.whole(-3, 120)), str(self.random.choice([0.5, 1.5, -2.25, 1e6, 16.0])), self.of(TEXTS))

    # Hosts

    def host(self, name, pool=()):
        total = self.whole(0, 64)
        ram, disk = self.whole(0, 2 ** 18), self.whole(0, 4000)
        free_disk = self.whole(-200, disk)
        return {
            'host': name, 'nodename': self.one(name, name, f'{name}.example.org'), 'cell_uuid': CELLS[0],
            'uuid': self.uuid(), 'vcpus_total': total, 'vcpus_used': self.whole(0, 2 * total + 4),
            'total_usable_ram_mb': ram, 'free_ram_mb': self.whole(-8192, ram), 'total_usable_disk_gb': disk,
            'free_disk_mb': free_disk * 1024,
            'disk_mb_used': self.one(disk - free_disk, max(0, disk - free_disk - 50)) * 1024,
            'cpu_allocation_ratio': self.one(16.0, 1.0, 0.5, 4.0, 1.25, 0.1),
            'ram_allocation_ratio': self.one(1.5, 1.0, 0.9, 2.0),
            'disk_allocation_ratio': self.one(1.0, 0.75, 1.3), 'num_instances': self.whole(0, 60),
            'num_io_ops': self.whole(0, 12), 'failed_builds': self.one(0, 0, 1, 3, 100),
            'host_ip': self.address(), 'hypervisor_type': self.one('QEMU', 'KVM', 'xen', 'VMware vCenter Server'),
            'hypervisor_version': self.one(8002001, 7000000, 6002000, 10000000, 1, 999, 2001, 1234567890, 0),
            'hypervisor_hostname': self.one(name, f'{name}.example.org'), 'cpu_info': self.cpu_info(),
            'supported_instances': [[self.of(ARCHES), self.of(HV_TYPES), self.of(VM_MODES)]
                                    for _ in range(self.whole(0, 3))],
            'stats': {key: self.of(TEXTS) for key in self.some(KEYS)},
            'metrics': [{'name': name, 'value': self.one(0, 1, -5, 100, 1800, 2 ** 40)}
                        for name in self.some(METRICS, 4)],
            'service': {
                'disabled': self.chance(.2), 'disabled_reason': self.one(None, 'replacing DIMM 3', ''),
                'forced_down': self.chance(.1),
                'seconds_since_heartbeat': self.one(0, 10, 59, 60, 61, -60, -61, 3600, None)},
            'aggregates': [self.aggregate(number) for number in range(self.one(0, 0, 1, 1, 2, 3))],
            'instances': [{'uuid': one} for one in self.some(pool, 3)], 'pci_pools': self.pci_pools(),
            'numa_topology': None, 'allocation_candidates': [{'mappings': {}}]}

    def address(self):
        return self.one('192.0.2.10', '192.0.2.200', '192.0.3.1', '10.0.0.1', '2001:db8::1', '2001:db8:0:1::ffff',
                        '::ffff:192.0.2.10', '255.255.255.255', '0.0.0.0')

    def cpu_info(self):
        return self.one(
            '{"arch": "x86_64", "model": "Skylake", "vendor": "Intel", "features": ["avx", "avx2", "sse4.2"], '
            '"topology": {"cores": 8, "threads": 2, "sockets": 1}, "smt": true, "none": null, "level": 2.50, '
            '"ratio": 8.0, "huge": 1e16, "small": 0.00001, "text": "\\"x\\"", "maxphysaddr": {"mode": "emulate", '
            '"bits": 46}}',
            '{"vendor": "AMD", "features": [], "topology": {}, "nested": "{\\"deep\\": [1, 2.0, false]}", '
            '"it\'s": "a \\"b\\"", "mixed": [1, "a", null, {"k": "\\u00e9\\n"}]}',
            '[]', '["avx"]', 'not json', '', 'null', '42', '{"a": {"b": {"c": 0}}}')

    def aggregate(self, number):
        metadata = {}
        for _ in range(self.whole(0, 4)):
            key = self.of(KEYS + list(IMAGE_TEXTS) + AGGREGATE_KEYS)
            metadata[key] = self.aggregate_value(key)
        return {'id': number + 1, 'name': f'aggregate-{number}', 'metadata': metadata}

    def aggregate_value(self, key):
        if key.startswith('filter_tenant_id'):
            return ','.join(self.some(['tenant-a', 'tenant-b', ' tenant-a', 'tenant-c ', ''], 3))
        if key == 'instance_type':
            return ','.join(self.some(['m1.small', 'm1.large', ' m1.small ', 'm1'], 3))
        if key == 'availability_zone':
            return self.one('az1', 'az2', 'nova')
        if key in IMAGE_TEXTS and self.chance(.7):
            values = [one if isinstance(one, str) else str(one) for one in IMAGE_TEXTS[key]]
            return self.one(self.of(values), 'True', 'False', ','.join(self.some(values)))
        return self.number_text()

    def pci_pools(self):
        return [{'vendor_id': '8086', 'product_id': self.one('1520', '1521'), 'numa_node': 0,
                 'count': self.one(0, 1, 2, 5, 98, 99, 100, 300)} for _ in range(self.one(0, 0, 1, 2))]

    # Requests

    def spec(self, pool=(), hosts=()):
        return {
            'instance_uuid': self.uuid(), 'project_id': self.one('tenant-a', 'tenant-b', ''), 'user_id': 'user-a',
            'availability_zone': None, 'num_instances': 1,
            'flavor': {
                'name': self.one('m1.small', 'm1.large', 'm1', ' m1.small '), 'vcpus': self.whole(0, 8),
                'memory_mb': self.one(0, 512, 2048, 4096, 32768), 'root_gb': self.one(0, 1, 20, 80),
                'ephemeral_gb': self.one(0, 0, 10), 'swap': self.one(0, 0, 1, 512, 1025), 'extra_specs': {}},
            'image': self.image(), 'scheduler_hints': {}, 'instance_group': None, 'ignore_hosts': None,
            'force_hosts': None, 'force_nodes': None, 'requested_destination': None, 'pci_requests': [],
            'numa_topology': None}

    def image(self):
        if self.chance(.1):
            return None
        properties = {name: self.of(IMAGE_TEXTS[name]) for name in self.some(IMAGE_TEXTS, 4)}
        return {'id': self.of(IMAGE_IDS), 'properties': properties}

    def requirement(self):
        operator = self.of(OPERATORS)
        operands = [self.one(self.number_text(), self.of(TEXTS), self.one('QEMU', 'Intel', 'avx', '8', '16', '46'))
                    for _ in range(self.one(0, 1, 1, 1, 2, 3))]
        joined = ' <or> '.join(operands) if operator == '<or>' and self.chance(.8) else ' '.join(operands)
        return self.one('', '', '', ' ') + (operator + self.one(' ', ' ', ' ', '') + joined if operator else joined)

    def group(self, policy, pool, hosts):
        rules = None
        if policy == 'anti-affinity' and self.chance(.6):
            rules = {'max_server_per_host': self.one(1, 2, 3, '2', ' 3 ', 0, -1, '1_0', '2.5', 'many')}
        return {'uuid': self.uuid(), 'policy': policy, 'rules': rules, 'members': self.some(pool, 6),
                'hosts': self.some(list(hosts) + ['gone'], 3)}

    # Queries

    def query(self, depth=0):
        shape = self.random.random()
        if depth > 3 or shape < .55:
            operands = [self.operand() for _ in range(self.one(0, 1, 2, 2, 2, 2, 3))]
            return [self.one('=', '<', '>', '<=', '>=', 'in', 'in'), *operands]
        operator = self.one('and', 'or', 'not', '=', '<', '<=')
        inner = [self.query(depth + 1) if self.chance(.8) else self.operand() for _ in range(self.whole(0, 3))]
        return [operator, *inner]

    def operand(self):
        return self.one(
            '$' + self.of(VARIABLES), '$' + self.of(VARIABLES), self.whole(-2, 70), self.of(NUMBERS), self.of(TEXTS),
            self.one(True, False, None, {}, {'a': 1}, [], 0, ''), self.one('QEMU', 'host-a', 'x86_64', '192.0.2.10'))


NUMBERS = [0, 1, 16.0, 1.5, -1, 49152, 2 ** 31, 0.1, 1e300]
VARIABLES = ['free_ram_mb', 'free_disk_mb', 'vcpus_total', 'vcpus_used', 'host', 'nodename', 'hypervisor_type',
             'hypervisor_version', 'hypervisor_hostname', 'num_instances', 'num_io_ops', 'failed_builds',
             'ram_allocation_ratio', 'cpu_allocation_ratio', 'disk_allocation_ratio', 'stats', 'stats.gpu', 'stats.ssd',
             'stats.gpu.x', 'nope', 'nope.x', '', 'host.x', 'supported_instances', 'host_ip', 'total_usable_ram_mb',
             'total_usable_disk_gb', 'disk_mb_used', 'cpu_info', 'uuid', 'cell_uuid', 'limits', 'limits.x',
             'service.disabled', 'service.host', 'numa_topology']
METRICS = ['cpu.frequency', 'cpu.user.time', 'cpu.idle.time', 'cpu.percent', 'cpu.user.percent']
AGGREGATE_KEYS = ['filter_tenant_id', 'filter_tenant_id2', 'instance_type', 'max_io_ops_per_host',
                  'max_instances_per_host', 'availability_zone']
IMAGE_IDS = ['5e1f0a1c-0000-4000-8000-00000000000a', '5e1f0a1c-0000-4000-8000-00000000000b', None]
CELLS = ['6fecb126-136c-585d-821f-4208b2cb4b70', '7fecb126-136c-585d-821f-4208b2cb4b71']
IMAGE_TEXTS = {
    'hw_architecture': ['x86_64', 'amd64', 'i386', 'aarch64', 'ppc64le'],
    'img_hv_type': ['kvm', 'qemu', 'xen', 'lxc', 'uml', 'vmware'],
    'hw_vm_mode': ['hvm', 'hv', 'xen', 'pv', 'exe', 'uml'],
    'img_hv_requested_version': ['>=6.0,<7.0', '>=6', '==8.2.1', '!=8.2.1', '<10.0', '>=6.0.0.0', ' >= 6.2 , < 9 ',
                                 '>=8.2.1rc1', '<8.2.1.post1', '==7', '>8.2.1.dev3', '>=1!1', '>=v7', '==1',
                                 '<=0.999', '==8.2.1+local'],
    'os_distro': ['windows', 'ubuntu', 'żubr', "it's", 'a b'],
    'os_type': ['linux', 'windows'],
    'hw_machine_type': ['q35', 'pc', 'x86_64=q35'],
    'hw_cpu_cores': ['1', '4', '0', '16'],
    'hw_vif_multiqueue_enabled': ['true', 'false', '1', 'no'],
    'hw_boot_menu': ['yes', 'off'],
    'hw_numa_mem': ['1024', '1024,2048'],
    'hw_qemu_guest_agent': ['yes', 'True'],
    'traits_required': [['HW_CPU_X86_AVX2'], ['A', "B's"], []],
    'img_mappings': [[{'virtual': 'ami', 'device': 'sda1'}], []],
    'os_command_line': ['quiet\ttab', 'ro console=ttyS0', '\\n', 'é'],
    'architecture': ['x86_64', 'i686'],
    'hw_maxphysaddr_bits': ['42', '0'],
}
