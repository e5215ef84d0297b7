package install

import (
	admissionv1alpha1 "k8s.io/api/admissionregistration/v1alpha1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// attachmentPodTokens gives the pods that plug volumes the volume that a service account's token would be. Nothing reads it, but
// virt-controller takes a pod of another number of volumes for one of another guest's and makes a new one, again and again:
// kubevirt pkg/virt-controller/watch/vmi/volume-hotplug.go (podVolumesMatchesReadyVolumes).
func attachmentPodTokens() []runtime.Object {
	const name = "attachment-pod-tokens"
	version := admissionv1alpha1.SchemeGroupVersion.String()
	fail, never := admissionv1alpha1.Fail, admissionv1alpha1.NeverReinvocationPolicy
	policy := &admissionv1alpha1.MutatingAdmissionPolicy{
		TypeMeta:   metav1.TypeMeta{APIVersion: version, Kind: "MutatingAdmissionPolicy"},
		ObjectMeta: metav1.ObjectMeta{Name: name},
		Spec: admissionv1alpha1.MutatingAdmissionPolicySpec{
			FailurePolicy:      &fail,
			ReinvocationPolicy: never,
			MatchConstraints: &admissionv1alpha1.MatchResources{
				ObjectSelector: &metav1.LabelSelector{MatchLabels: map[string]string{"kubevirt.io": "hotplug-disk"}},
				ResourceRules: []admissionv1alpha1.NamedRuleWithOperations{{RuleWithOperations: admissionv1alpha1.RuleWithOperations{
					Operations: []admissionv1alpha1.OperationType{admissionv1alpha1.Create},
					Rule:       admissionv1alpha1.Rule{APIGroups: []string{""}, APIVersions: []string{"v1"}, Resources: []string{"pods"}},
				}}},
			},
			Mutations: []admissionv1alpha1.Mutation{{
				PatchType: admissionv1alpha1.PatchTypeJSONPatch,
				JSONPatch: &admissionv1alpha1.JSONPatch{
					Expression: `[JSONPatch{op: "add", path: "/spec/volumes/-", value: Object.spec.volumes{name: "kube-api-access", emptyDir: Object.spec.volumes.emptyDir{}}}]`,
				},
			}},
		},
	}
	binding := &admissionv1alpha1.MutatingAdmissionPolicyBinding{
		TypeMeta:   metav1.TypeMeta{APIVersion: version, Kind: "MutatingAdmissionPolicyBinding"},
		ObjectMeta: metav1.ObjectMeta{Name: name},
		Spec:       admissionv1alpha1.MutatingAdmissionPolicyBindingSpec{PolicyName: name},
	}
	return []runtime.Object{policy, binding}
}
