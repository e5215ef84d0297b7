package fleet

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"

	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
)

// leases renews each node's Lease, which keeps the node lifecycle controller content without any write to the
// Node itself: kubernetes pkg/kubelet/nodelease. The kubelet renews every 10 s; the node controller only wants
// news within its grace period (50 s in 1.33), so that a longer period is as good and costs less.
type leases struct {
	client kubernetes.Interface
	period time.Duration
	roster *roster
	mu     sync.Mutex
	last   map[string]*coordinationv1.Lease
}

const leaseSeconds = int32(40)

func newLeases(client kubernetes.Interface, period time.Duration, r *roster) *leases {
	return &leases{client: client, period: period, roster: r, last: map[string]*coordinationv1.Lease{}}
}

// renew is the work of one node's turn.
func (l *leases) renew(ctx context.Context, node string) (time.Duration, error) {
	if _, ok := l.roster.get(node); !ok {
		l.forget(node)
		return 0, nil
	}
	if !l.roster.reports(node) {
		return 0, nil
	}
	if err := l.write(ctx, node); err != nil {
		l.forget(node)
		return 0, err
	}
	// Never later than the period: the node controller's patience is limited.
	return spread(l.period*9/10, 0.1), nil
}

// write renews the lease that is known; one that is not is created, or fetched if it was there before the fleet.
func (l *leases) write(ctx context.Context, node string) error {
	api := l.client.CoordinationV1().Leases(corev1.NamespaceNodeLease)
	lease := l.known(node)
	if lease == nil {
		created, err := api.Create(ctx, newLease(node), metav1.CreateOptions{})
		if !apierrors.IsAlreadyExists(err) {
			return l.note(node, created, err)
		}
		if lease, err = api.Get(ctx, node, metav1.GetOptions{}); err != nil {
			return err
		}
	}
	lease = lease.DeepCopy()
	lease.Spec.RenewTime = &metav1.MicroTime{Time: time.Now()}
	updated, err := api.Update(ctx, lease, metav1.UpdateOptions{})
	return l.note(node, updated, err)
}

func (l *leases) known(node string) *coordinationv1.Lease {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.last[node]
}

func (l *leases) note(node string, lease *coordinationv1.Lease, err error) error {
	if err != nil {
		return err
	}
	lease.ManagedFields = nil
	l.mu.Lock()
	defer l.mu.Unlock()
	l.last[node] = lease
	return nil
}

func (l *leases) forget(node string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.last, node)
}

func newLease(node string) *coordinationv1.Lease {
	seconds := leaseSeconds
	return &coordinationv1.Lease{
		ObjectMeta: metav1.ObjectMeta{Name: node, Namespace: corev1.NamespaceNodeLease},
		Spec: coordinationv1.LeaseSpec{
			HolderIdentity:       &node,
			LeaseDurationSeconds: &seconds,
			RenewTime:            &metav1.MicroTime{Time: time.Now()},
		},
	}
}

// spread varies a period by up to that share more, so that a fleet that started at once does not stay in step.
func spread(period time.Duration, share float64) time.Duration {
	return period + time.Duration(rand.Float64()*share*float64(period))
}
