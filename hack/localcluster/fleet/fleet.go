// Package fleet plays the nodes of a cluster: the kubelet, virt-handler, virt-launcher and guest of 1 to 5,000 nodes, and
// what belongs to the storage of a cluster with local and shared disks: a provisioner and CDI's importer. The control plane it
// reports to is genuine.
package fleet

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log"
	"math/rand/v2"
	"os"
	"os/signal"
	"sync/atomic"
	"syscall"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/cache"
	"k8s.io/klog/v2"
	kubevirtv1 "kubevirt.io/api/core/v1"
	cdiv1 "kubevirt.io/containerized-data-importer-api/pkg/apis/core/v1beta1"
)

// Command runs the simulated fleet until it is told to stop and returns its exit code.
// With ctl as its first argument it tells a running fleet something instead.
func Command(args []string) int {
	if len(args) > 0 && args[0] == "ctl" {
		return ControlCommand(args[1:])
	}
	o, err := parseOptions(args)
	if errors.Is(err, flag.ErrHelp) {
		return 0
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "fleet:", err)
		return 2
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	log.SetFlags(log.LstdFlags | log.Lmicroseconds)
	if err := run(ctx, o); err != nil && ctx.Err() == nil {
		fmt.Fprintln(os.Stderr, "fleet:", err)
		return 1
	}
	return 0
}

// fleet is all of it, wired.
type fleet struct {
	options    options
	clients    *clients
	watches    *watches
	roster     *roster
	hypervisor *hypervisor
	faults     *faults
	disks      *disks
	kubelets   *kubelets
	handlers   *handlers
	enroller   *enroller
	importer   *importer
	// founded: the nodes that the fleet starts with are registered.
	founded atomic.Bool

	leases, heartbeats, nodes, pods, vmis, claims, volumes, dataVolumes *loop
}

// Workers are what bounds the load on the API server.
const (
	podWorkers     = 16
	vmiWorkers     = 16
	beatWorkers    = 24
	storageWorkers = 4
)

func run(ctx context.Context, o options) error {
	c, err := newClients(o)
	if err != nil {
		return err
	}
	f := assemble(c, o)
	var names []string
	if err := patiently(ctx, func(ctx context.Context) error {
		names, err = f.prepare(ctx)
		return err
	}); err != nil {
		return err
	}
	if err := f.watches.start(ctx); err != nil {
		return err
	}
	f.kubelets.recall()
	broken := make(chan error, 2)
	f.serve(ctx, broken)
	f.work(ctx)
	for _, name := range names {
		f.begin(name)
	}
	began := time.Now()
	if err := f.enroller.enroll(ctx, f.founders(o.nodes-len(names))); err != nil {
		return err
	}
	f.founded.Store(true)
	log.Printf("%d nodes registered in %s", len(f.roster.list()), time.Since(began).Round(time.Millisecond))
	select {
	case err := <-broken:
		return err
	case <-ctx.Done():
		return nil
	}
}

// prepare puts into the cluster what is there before its nodes, and returns the nodes that are there already.
func (f *fleet) prepare(ctx context.Context) ([]string, error) {
	set, err := ensureHandlerDaemonSet(ctx, f.clients.core)
	if err != nil {
		return nil, err
	}
	f.enroller.set = set
	if err := ensureStorage(ctx, f.clients.core, f.clients.cdi); err != nil {
		return nil, err
	}
	return f.enroller.adopt(ctx)
}

func assemble(c *clients, o options) *fleet {
	f := &fleet{options: o, clients: c, watches: newWatches(c), roster: newRoster(), hypervisor: newHypervisor(), faults: newFaults(), disks: newDisks()}
	pulled := newImages()
	nodeLeases := newLeases(c.core, o.leasePeriod, f.roster)
	f.leases = newLoop("lease", nodeLeases.renew)
	f.heartbeats = newLoop("heartbeat", (&heartbeats{client: c.handlerCore, roster: f.roster}).beat)
	f.kubelets = &kubelets{
		client: c.core, watches: f.watches, roster: f.roster, hypervisor: f.hypervisor, faults: f.faults,
		addresses: newAddresses(), images: pulled, timing: o.timing, runs: map[types.UID]*podRun{},
		wakeVMI: func(key string) { f.vmis.add(key) },
		pulled:  func(node string) { f.nodes.addAfter(node, imagesPeriod) },
	}
	f.handlers = &handlers{
		client: c.vmis, watches: f.watches, roster: f.roster, hypervisor: f.hypervisor, faults: f.faults, timing: o.timing,
		disks: f.disks, wakePod: func(key string) { f.pods.add(key) },
		fresh: cache.NewIntegerResourceVersionMutationCache(klog.Background(), f.watches.vmis.GetStore(),
			f.watches.vmis.GetIndexer(), time.Minute, false),
	}
	f.nodes = newLoop("node", (&nodeStatuses{client: c.core, watches: f.watches, roster: f.roster, images: pulled}).sync)
	f.pods = newLoop("pod", f.kubelets.sync)
	f.vmis = newLoop("vmi", f.handlers.sync)
	f.assembleStorage()
	f.enroller = &enroller{client: c.core, roster: f.roster, labels: o.labels, leases: nodeLeases, begin: f.begin}
	f.listen()
	return f
}

func (f *fleet) assembleStorage() {
	dvs := f.watches.dataVolumes
	f.importer = &importer{
		core: f.clients.core, cdi: f.clients.cdi, watches: f.watches, roster: f.roster, faults: f.faults, timing: f.options.timing,
		disks: f.disks, transfers: map[types.UID]*transfer{}, wakeClaim: func(key string) { f.claims.add(key) },
		fresh: cache.NewIntegerResourceVersionMutationCache(klog.Background(), dvs.GetStore(), dvs.GetIndexer(), time.Minute, false),
	}
	p := &provisioner{client: f.clients.core, watches: f.watches, roster: f.roster, filled: f.importer.filled}
	f.claims = newLoop("claim", p.claim)
	f.volumes = newLoop("volume", p.volume)
	f.dataVolumes = newLoop("datavolume", f.importer.sync)
}

// listen turns what the watches bring into work.
func (f *fleet) listen() {
	follow(f.watches.nodes, func(n *corev1.Node) { f.nodes.add(n.Name) }, func(*corev1.Node) {})
	follow(f.watches.pods, f.podChanged, f.kubelets.gone)
	vmi := func(v *kubevirtv1.VirtualMachineInstance) { f.vmis.add(objectKey(v)) }
	follow(f.watches.vmis, vmi, vmi)
	// A DataVolume and its claim have the same name.
	claim := func(c *corev1.PersistentVolumeClaim) { f.claims.add(objectKey(c)); f.dataVolumes.add(objectKey(c)) }
	follow(f.watches.claims, claim, func(c *corev1.PersistentVolumeClaim) { claim(c); f.disks.drop(c.UID) })
	follow(f.watches.volumes, func(v *corev1.PersistentVolume) { f.volumes.add(v.Name) }, func(*corev1.PersistentVolume) {})
	follow(f.watches.dataVolumes, func(d *cdiv1.DataVolume) { f.dataVolumes.add(objectKey(d)) }, f.importer.gone)
}

// podChanged also looks at the VMI of a launcher: virt-controller may hand it over before this watch shows that its pod runs.
func (f *fleet) podChanged(pod *corev1.Pod) {
	f.pods.add(objectKey(pod))
	if owner := metav1.GetControllerOfNoCopy(pod); owner != nil && isLauncher(pod) {
		f.vmis.add(pod.Namespace + "/" + owner.Name)
	}
}

func (f *fleet) work(ctx context.Context) {
	f.leases.run(ctx, beatWorkers)
	f.heartbeats.run(ctx, beatWorkers)
	f.nodes.run(ctx, beatWorkers)
	f.pods.run(ctx, podWorkers)
	f.vmis.run(ctx, vmiWorkers)
	f.claims.run(ctx, storageWorkers)
	f.volumes.run(ctx, storageWorkers)
	f.dataVolumes.run(ctx, storageWorkers)
}

func (f *fleet) serve(ctx context.Context, broken chan<- error) {
	if f.options.consolePort != 0 {
		s := &subresources{handlers: f.handlers, wakeVMI: f.vmis.add}
		go func() { broken <- wrap("subresources", s.serve(ctx, f.options.consolePort, f.options.pki)) }()
	}
	if f.options.control != "" {
		go func() { broken <- wrap("control", serveControl(ctx, f, f.options.control)) }()
	}
}

func wrap(what string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", what, err)
}

// begin starts a node's lease and heartbeat, each at its own moment of the period.
func (f *fleet) begin(node string) {
	f.leases.addAfter(node, time.Duration(rand.Int64N(int64(f.options.leasePeriod))))
	f.heartbeats.addAfter(node, time.Duration(rand.Int64N(int64(heartbeatPeriod))))
}

// founders are the nodes that the fleet starts with, spread over the zones in turn.
func (f *fleet) founders(count int) []member {
	var members []member
	for range max(count, 0) {
		m := f.newMember()
		if f.options.varied {
			m.Size = variedSize(f.options.seed, m.Number)
		}
		members = append(members, m)
	}
	return members
}

func (f *fleet) newMember() member {
	number := f.roster.nextNumber()
	return member{
		Name: nodeName(number), Number: number, Health: reporting, Size: f.options.size,
		Zone: zoneName((number - 1) % f.options.zones),
	}
}

// setHealth cuts a node off, turns it off or brings it back. What comes back tells at once how it stands.
func (f *fleet) setHealth(node string, h health) bool {
	if !f.roster.setHealth(node, h) {
		return false
	}
	for _, g := range f.hypervisor.list() {
		if g.Node == node && h == off {
			f.hypervisor.change(g.Pod, func(g *guest) { g.end(offCrashed) })
			f.hypervisor.exit(g.Pod, killed)
		}
	}
	if h == reporting {
		f.rejoin(node)
	}
	return true
}

// rejoin: the kubelet ends pods that were deleted meanwhile and reports the others; virt-handler looks at its VMIs.
func (f *fleet) rejoin(node string) {
	f.leases.add(node)
	f.heartbeats.add(node)
	f.nodes.add(node)
	here := map[types.UID]bool{}
	for _, pod := range f.watches.podsBy(byNode, node) {
		here[pod.UID] = true
		f.pods.add(objectKey(pod))
	}
	for _, g := range f.hypervisor.list() {
		if g.Node != node {
			continue
		}
		if !here[g.Pod] {
			f.kubelets.clean(g.Pod)
		}
		f.vmis.add(g.key())
	}
	for _, key := range f.watches.claims.GetStore().ListKeys() {
		f.claims.add(key)
	}
}

// wake looks at everything again, after the rules changed.
func (f *fleet) wake() {
	for _, key := range f.watches.pods.GetStore().ListKeys() {
		f.pods.add(key)
	}
	for _, key := range f.watches.vmis.GetStore().ListKeys() {
		f.vmis.add(key)
	}
	for _, key := range f.watches.dataVolumes.GetStore().ListKeys() {
		f.dataVolumes.add(key)
	}
}
