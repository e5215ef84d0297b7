package fleet

import (
	"context"
	"strconv"
	"sync"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	kubevirtv1 "kubevirt.io/api/core/v1"
)

// enroller brings nodes into the cluster and out of it.
type enroller struct {
	client kubernetes.Interface
	roster *roster
	labels map[string]string
	leases *leases
	set    *appsv1.DaemonSet
	// begin starts the node's periodic work.
	begin func(node string)
}

const enrollWorkers = 16

// adopt takes over the nodes that an earlier run of the fleet left behind.
func (e *enroller) adopt(ctx context.Context) ([]string, error) {
	nodes, err := e.client.CoreV1().Nodes().List(ctx, metav1.ListOptions{LabelSelector: simulatedLabel})
	if err != nil {
		return nil, err
	}
	var names []string
	for _, n := range nodes.Items {
		number, _ := strconv.Atoi(n.Labels[simulatedLabel])
		s, _ := sizeFromType(n.Labels[corev1.LabelInstanceTypeStable])
		e.roster.enlist(member{Name: n.Name, Number: number, Zone: n.Labels[corev1.LabelTopologyZone], Size: s, Health: reporting, CPUManager: n.Labels[kubevirtv1.CPUManager] == "true"})
		names = append(names, n.Name)
	}
	return names, nil
}

// enroll registers the nodes, several at a time, and starts their periodic work. It returns the first error.
func (e *enroller) enroll(ctx context.Context, members []member) error {
	todo := make(chan member)
	failed := make(chan error, len(members))
	var workers sync.WaitGroup
	for range enrollWorkers {
		workers.Add(1)
		go func() {
			defer workers.Done()
			for m := range todo {
				if err := e.register(ctx, m); err != nil {
					failed <- err
				}
			}
		}()
	}
	for _, m := range members {
		todo <- m
	}
	close(todo)
	workers.Wait()
	close(failed)
	return <-failed
}

func (e *enroller) register(ctx context.Context, m member) error {
	e.roster.enlist(m)
	_, err := e.client.CoreV1().Pods(e.set.Namespace).Create(ctx, handlerPod(e.set, m.Name), metav1.CreateOptions{})
	if err != nil && !apierrors.IsAlreadyExists(err) {
		return err
	}
	if err := e.leases.write(ctx, m.Name); err != nil {
		return err
	}
	_, err = e.client.CoreV1().Nodes().Create(ctx, nodeObject(m, e.labels, metav1.NewTime(time.Now())), metav1.CreateOptions{})
	if err != nil && !apierrors.IsAlreadyExists(err) {
		return err
	}
	e.begin(m.Name)
	return nil
}

// remove takes the node out of the cluster as an administrator does who scrapped the machine.
func (e *enroller) remove(ctx context.Context, node string) error {
	e.roster.strike(node)
	err := e.client.CoreV1().Nodes().Delete(ctx, node, metav1.DeleteOptions{})
	if err != nil && !apierrors.IsNotFound(err) {
		return err
	}
	err = e.client.CoordinationV1().Leases(corev1.NamespaceNodeLease).Delete(ctx, node, metav1.DeleteOptions{})
	if apierrors.IsNotFound(err) {
		return nil
	}
	return err
}
