package fleet

import (
	"errors"
	"flag"
	"fmt"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/api/resource"
)

// options is what the fleet is told on its command line.
type options struct {
	kubeconfig, handlerKubeconfig string
	pki                           string
	consolePort                   int
	control                       string
	nodes, zones                  int
	size                          size
	varied                        bool
	seed                          uint64
	labels                        labelFlag
	leasePeriod                   time.Duration
	timing                        timing
}

// timing is how long things take that take real time on real machines.
type timing struct {
	podStart  time.Duration // from a pod's binding until its containers run
	boot      time.Duration // from a launcher handed to virt-handler until its guest runs
	agent     time.Duration // from a guest's boot until its agent answers; negative: no guest has an agent
	shutdown  time.Duration // from the ACPI signal until a guest is off
	prepare   time.Duration // for a migration's target to be prepared
	migration time.Duration // from a migration's start until the guest has moved
	imports   time.Duration // for an image to be imported
}

type labelFlag map[string]string

func (l labelFlag) String() string { return "" }

func (l labelFlag) Set(text string) error {
	key, value, ok := strings.Cut(text, "=")
	if !ok || key == "" {
		return fmt.Errorf("want key=value, got %q", text)
	}
	l[key] = value
	return nil
}

func parseOptions(args []string) (options, error) {
	o := options{labels: labelFlag{}}
	var memory, disk string
	flags := flag.NewFlagSet("fleet", flag.ContinueOnError)
	flags.StringVar(&o.kubeconfig, "kubeconfig", "", "kubeconfig of a cluster admin")
	flags.StringVar(&o.handlerKubeconfig, "handler-kubeconfig", "", "kubeconfig that acts as system:serviceaccount:kubevirt:kubevirt-handler")
	flags.StringVar(&o.pki, "pki", "", "folder with ca.crt, virt-handler.crt and virt-handler.key")
	flags.IntVar(&o.consolePort, "console-port", 0, "port on 127.0.0.1 where virt-api finds virt-handler's subresources (0: not served)")
	flags.StringVar(&o.control, "control", "", "path of the unix socket of the control interface (empty: none)")
	flags.IntVar(&o.nodes, "nodes", 3, "number of nodes")
	flags.IntVar(&o.zones, "zones", 1, "number of zones that the nodes are spread over")
	flags.Int64Var(&o.size.CPUs, "cpus", 16, "CPUs of each node")
	flags.StringVar(&memory, "memory", "64Gi", "memory of each node")
	flags.StringVar(&disk, "disk", "400Gi", "local disk of each node")
	flags.BoolVar(&o.varied, "varied", false, "give the nodes various sizes, the same for the same seed")
	flags.Uint64Var(&o.seed, "seed", 1, "seed of --varied")
	flags.Var(o.labels, "node-label", "label of every node, key=value; may be given again (default compute.berth.dev/compute-node=true)")
	flags.DurationVar(&o.leasePeriod, "lease-period", 0, "how often a node's Lease is renewed (default 20s, 30s from 1,000 nodes on)")
	flags.DurationVar(&o.timing.podStart, "pod-start-time", 200*time.Millisecond, "from a pod's binding until its containers run")
	flags.DurationVar(&o.timing.boot, "boot-time", time.Second, "from a launcher that is ready until its guest runs")
	flags.DurationVar(&o.timing.agent, "agent-time", time.Second, "from a guest's boot until its agent answers; negative: no agents")
	flags.DurationVar(&o.timing.shutdown, "shutdown-time", 500*time.Millisecond, "from the ACPI signal until a guest is off")
	flags.DurationVar(&o.timing.prepare, "prepare-time", 200*time.Millisecond, "to prepare a migration's target")
	flags.DurationVar(&o.timing.migration, "migration-time", time.Second, "from a migration's start until the guest has moved")
	flags.DurationVar(&o.timing.imports, "import-time", 2*time.Second, "to import an image into a volume")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	if err := o.complete(memory, disk); err != nil {
		return o, err
	}
	return o, nil
}

func (o *options) complete(memory, disk string) error {
	if len(o.labels) == 0 {
		o.labels["compute.berth.dev/compute-node"] = "true"
	}
	if o.leasePeriod == 0 {
		o.leasePeriod = 20 * time.Second
		if o.nodes >= 1000 {
			o.leasePeriod = 30 * time.Second
		}
	}
	if o.handlerKubeconfig == "" || o.kubeconfig == "" {
		return errors.New("--kubeconfig and --handler-kubeconfig are needed")
	}
	if o.zones < 1 || o.nodes < 0 {
		return errors.New("--zones must be at least 1, --nodes at least 0")
	}
	var err error
	if o.size.Memory, err = parseBytes(memory); err != nil {
		return err
	}
	o.size.Disk, err = parseBytes(disk)
	return err
}

func parseBytes(text string) (int64, error) {
	q, err := resource.ParseQuantity(text)
	if err != nil {
		return 0, fmt.Errorf("%q is not a quantity: %w", text, err)
	}
	return q.Value(), nil
}
