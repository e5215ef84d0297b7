package fleet

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"
	kubevirtv1 "kubevirt.io/api/core/v1"
	cdiv1 "kubevirt.io/containerized-data-importer-api/pkg/apis/core/v1beta1"
)

const (
	byNode  = "node"
	byOwner = "owner"
)

// watches holds one informer for each kind that the fleet follows, whatever the number of nodes.
type watches struct {
	nodes, pods, vmis, claims, volumes, dataVolumes cache.SharedIndexInformer
}

func newWatches(c *clients) *watches {
	core := c.core.CoreV1().RESTClient()
	// A pod that is bound to no node is no kubelet's business.
	bound := fields.OneTermNotEqualSelector("spec.nodeName", "")
	return &watches{
		nodes:       informer(core, "nodes", fields.Everything(), &corev1.Node{}, cache.Indexers{}),
		pods:        informer(core, "pods", bound, &corev1.Pod{}, cache.Indexers{byNode: podNode, byOwner: controllerUID}),
		vmis:        informer(c.vmis, "virtualmachineinstances", fields.Everything(), &kubevirtv1.VirtualMachineInstance{}, cache.Indexers{}),
		claims:      informer(core, "persistentvolumeclaims", fields.Everything(), &corev1.PersistentVolumeClaim{}, cache.Indexers{}),
		volumes:     informer(core, "persistentvolumes", fields.Everything(), &corev1.PersistentVolume{}, cache.Indexers{}),
		dataVolumes: informer(c.cdi, "datavolumes", fields.Everything(), &cdiv1.DataVolume{}, cache.Indexers{}),
	}
}

func informer(client rest.Interface, plural string, selector fields.Selector, kind runtime.Object, indexers cache.Indexers) cache.SharedIndexInformer {
	lister := cache.NewListWatchFromClient(client.(cache.Getter), plural, metav1.NamespaceAll, selector)
	i := cache.NewSharedIndexInformer(lister, kind, 0, indexers)
	_ = i.SetTransform(func(obj any) (any, error) {
		if node, ok := obj.(*corev1.Node); ok {
			return bareNode(node), nil
		}
		if m, err := meta.Accessor(obj); err == nil {
			m.SetManagedFields(nil)
		}
		return obj, nil
	})
	return i
}

// start runs the informers and waits until each has its list.
func (w *watches) start(ctx context.Context) error {
	var synced []cache.InformerSynced
	for _, i := range []cache.SharedIndexInformer{w.nodes, w.pods, w.vmis, w.claims, w.volumes, w.dataVolumes} {
		go i.Run(ctx.Done())
		synced = append(synced, i.HasSynced)
	}
	if !cache.WaitForCacheSync(ctx.Done(), synced...) {
		return fmt.Errorf("stopped before the first lists were complete: %w", context.Cause(ctx))
	}
	return nil
}

// follow calls changed for each object that is added or updated, and gone for each that is deleted.
func follow[T any](i cache.SharedIndexInformer, changed func(T), gone func(T)) {
	_, _ = i.AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc:    func(obj any) { changed(obj.(T)) },
		UpdateFunc: func(_, obj any) { changed(obj.(T)) },
		DeleteFunc: func(obj any) {
			if last, ok := obj.(cache.DeletedFinalStateUnknown); ok {
				obj = last.Obj
			}
			if o, ok := obj.(T); ok {
				gone(o)
			}
		},
	})
}

// fetch returns what the informer knows under that key, nil if nothing.
func fetch[T any](i cache.SharedIndexInformer, key string) *T {
	obj, ok, err := i.GetStore().GetByKey(key)
	if err != nil || !ok {
		return nil
	}
	return obj.(any).(*T)
}

func podNode(obj any) ([]string, error) { return []string{obj.(*corev1.Pod).Spec.NodeName}, nil }

func controllerUID(obj any) ([]string, error) {
	if owner := metav1.GetControllerOfNoCopy(obj.(metav1.Object)); owner != nil {
		return []string{string(owner.UID)}, nil
	}
	return nil, nil
}

// podsBy lists the pods on a node (byNode) or of an owner (byOwner).
func (w *watches) podsBy(index, value string) []*corev1.Pod {
	objects, _ := w.pods.GetIndexer().ByIndex(index, value)
	pods := make([]*corev1.Pod, 0, len(objects))
	for _, o := range objects {
		pods = append(pods, o.(*corev1.Pod))
	}
	return pods
}

// launcherOn returns the newest launcher pod of the VMI on that node: pkg/controller/controller.go (CurrentVMIPod).
func (w *watches) launcherOn(vmi types.UID, node string) *corev1.Pod {
	var newest *corev1.Pod
	for _, pod := range w.podsBy(byOwner, string(vmi)) {
		if pod.Spec.NodeName != node || !isLauncher(pod) {
			continue
		}
		if newest == nil || newest.CreationTimestamp.Before(&pod.CreationTimestamp) {
			newest = pod
		}
	}
	return newest
}

// isLauncher tells a pod that carries a guest from all others, also from the one that only binds volumes.
func isLauncher(pod *corev1.Pod) bool {
	return pod.Labels[kubevirtv1.AppLabel] == "virt-launcher" && !isProvisioning(pod)
}

// isProvisioning: the temporary launcher that virt-controller creates so that volumes which wait for their first
// consumer get bound: pkg/virt-controller/services/template.go (RenderLaunchManifestNoVm).
func isProvisioning(pod *corev1.Pod) bool {
	_, ok := pod.Annotations[kubevirtv1.EphemeralProvisioningObject]
	return ok
}

func objectKey(o metav1.Object) string {
	if o.GetNamespace() == "" {
		return o.GetName()
	}
	return o.GetNamespace() + "/" + o.GetName()
}
