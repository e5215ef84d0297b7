package install

import (
	"context"
	"fmt"
	"runtime"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	apiruntime "k8s.io/apimachinery/pkg/runtime"
	virtv1 "kubevirt.io/api/core/v1"
	"kubevirt.io/kubevirt/pkg/virt-config/featuregate"

	"berth.dev/localcluster/launcher"
)

// createKubeVirt creates the object that configures KubeVirt, in the state that
// virt-operator leaves it in.
func (t *target) createKubeVirt(ctx context.Context, site launcher.Site) error {
	created, err := t.createOne(ctx, kubeVirt())
	if err != nil || created == nil {
		return err
	}
	status := deployedStatus(site.Version)
	content, err := apiruntime.DefaultUnstructuredConverter.ToUnstructured(&status)
	if err != nil {
		return err
	}
	unstructured.SetNestedMap(created.Object, content, "status")
	if _, err := t.resource(created).UpdateStatus(ctx, created, metav1.UpdateOptions{}); err != nil {
		return fmt.Errorf("report KubeVirt as deployed: %w", err)
	}
	return nil
}

func kubeVirt() *virtv1.KubeVirt {
	liveUpdate := virtv1.VMRolloutStrategyLiveUpdate
	return &virtv1.KubeVirt{
		TypeMeta:   metav1.TypeMeta{APIVersion: virtv1.GroupVersion.String(), Kind: "KubeVirt"},
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "kubevirt"},
		Spec: virtv1.KubeVirtSpec{
			WorkloadUpdateStrategy: virtv1.KubeVirtWorkloadUpdateStrategy{
				WorkloadUpdateMethods: []virtv1.WorkloadUpdateMethod{virtv1.WorkloadUpdateMethodLiveMigrate},
			},
			Configuration: virtv1.KubeVirtConfiguration{
				DeveloperConfiguration: &virtv1.DeveloperConfiguration{
					UseEmulation: true,
					FeatureGates: []string{featuregate.DeclarativeHotplugVolumesGate},
				},
				VMRolloutStrategy:       &liveUpdate,
				APIConfiguration:        generous(),
				WebhookConfiguration:    generous(),
				ControllerConfiguration: generous(),
			},
		},
	}
}

// generous lets KubeVirt ask the API server as often as it can: the limits are
// made for a cluster whose API server is shared.
func generous() *virtv1.ReloadableComponentConfiguration {
	return &virtv1.ReloadableComponentConfiguration{
		RestClient: &virtv1.RESTClientConfiguration{
			RateLimiter: &virtv1.RateLimiter{
				TokenBucketRateLimiter: &virtv1.TokenBucketRateLimiter{QPS: 1000, Burst: 2000},
			},
		},
	}
}

func deployedStatus(version string) virtv1.KubeVirtStatus {
	return virtv1.KubeVirtStatus{
		Phase:                   virtv1.KubeVirtPhaseDeployed,
		OperatorVersion:         version,
		ObservedKubeVirtVersion: version,
		TargetKubeVirtVersion:   version,
		DefaultArchitecture:     runtime.GOARCH,
		Conditions: []virtv1.KubeVirtCondition{
			{Type: virtv1.KubeVirtConditionCreated, Status: corev1.ConditionTrue, Reason: "AllResourcesCreated", Message: "All resources were created."},
			{Type: virtv1.KubeVirtConditionAvailable, Status: corev1.ConditionTrue, Reason: "AllComponentsReady", Message: "All components are ready."},
			{Type: virtv1.KubeVirtConditionProgressing, Status: corev1.ConditionFalse, Reason: "AllComponentsReady", Message: "All components are ready."},
			{Type: virtv1.KubeVirtConditionDegraded, Status: corev1.ConditionFalse, Reason: "AllComponentsReady", Message: "All components are ready."},
		},
	}
}
