package fleet

import (
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	kubevirtv1 "kubevirt.io/api/core/v1"
	cdiv1 "kubevirt.io/containerized-data-importer-api/pkg/apis/core/v1beta1"
)

// clients is how the fleet talks to the API server: as an admin for what kubelets, provisioners and CDI do, and as
// virt-handler's service account for what only that may write.
type clients struct {
	core        kubernetes.Interface
	handlerCore kubernetes.Interface
	vmis        rest.Interface
	cdi         rest.Interface
}

func newClients(o options) (*clients, error) {
	admin, err := restConfig(o.kubeconfig)
	if err != nil {
		return nil, err
	}
	handler, err := restConfig(o.handlerKubeconfig)
	if err != nil {
		return nil, err
	}
	c := &clients{}
	if c.core, err = kubernetes.NewForConfig(protobuf(admin)); err != nil {
		return nil, err
	}
	if c.handlerCore, err = kubernetes.NewForConfig(protobuf(handler)); err != nil {
		return nil, err
	}
	if c.vmis, err = typedClient(handler, kubevirtv1.GroupVersion, kubevirtv1.AddToScheme); err != nil {
		return nil, err
	}
	c.cdi, err = typedClient(admin, cdiv1.SchemeGroupVersion, cdiv1.AddToScheme)
	return c, err
}

// restConfig has no limit of its own: the number of workers is the limit.
func restConfig(path string) (*rest.Config, error) {
	config, err := clientcmd.BuildConfigFromFlags("", path)
	if err != nil {
		return nil, err
	}
	config.QPS = -1
	config.UserAgent = "berth-fleet"
	return config, nil
}

func protobuf(config *rest.Config) *rest.Config {
	c := rest.CopyConfig(config)
	c.ContentType = runtime.ContentTypeProtobuf
	c.AcceptContentTypes = runtime.ContentTypeProtobuf + "," + runtime.ContentTypeJSON
	return c
}

func typedClient(config *rest.Config, gv schema.GroupVersion, addTo func(*runtime.Scheme) error) (rest.Interface, error) {
	scheme := runtime.NewScheme()
	if err := addTo(scheme); err != nil {
		return nil, err
	}
	if err := corev1.AddToScheme(scheme); err != nil {
		return nil, err
	}
	c := rest.CopyConfig(config)
	c.GroupVersion = &gv
	c.APIPath = "/apis"
	c.NegotiatedSerializer = serializer.NewCodecFactory(scheme).WithoutConversion()
	return rest.RESTClientFor(c)
}
