package fleet

import (
	kubevirtv1 "kubevirt.io/api/core/v1"
)

// hostModel is the CPU of every simulated node. All have the same, so that a guest with the model of its host
// finds targets to migrate to.
const hostModel = "Skylake-Server-IBRS"

var (
	cpuModels    = []string{hostModel, "Skylake-Client-IBRS", "Broadwell", "Haswell", "SandyBridge", "Westmere", "Nehalem"}
	cpuFeatures  = []string{"ssbd", "aes", "avx", "avx2", "vmx"}
	machineTypes = []string{"q35", "pc-q35-rhel9.6.0", "pc-q35-rhel9.4.0"}
)

// machineAlias is what libvirt makes of a machine type that is only a name for the newest of its kind.
var machineAlias = map[string]string{"": "pc-q35-rhel9.6.0", "q35": "pc-q35-rhel9.6.0"}

// handlerLabels are the labels that virt-handler puts on its node: pkg/virt-handler/node-labeller/node_labeller.go
// (prepareLabels) and pkg/virt-handler/heartbeat/heartbeat.go. Of the CPU models and features there are as few as
// KubeVirt's own scheduling needs, and no time stamp counter: virt-controller would answer it with labels of its own.
func handlerLabels() map[string]string {
	labels := map[string]string{
		kubevirtv1.NodeSchedulable:                         "true",
		kubevirtv1.KSMEnabledLabel:                         "false",
		kubevirtv1.HostModelCPULabel + hostModel:           "true",
		kubevirtv1.HostModelRequiredFeaturesLabel + "ssbd": "true",
		kubevirtv1.CPUModelVendorLabel + "Intel":           "true",
	}
	for _, model := range cpuModels {
		labels[kubevirtv1.CPUModelLabel+model] = "true"
		labels[kubevirtv1.SupportedHostModelMigrationCPU+model] = "true"
	}
	for _, feature := range cpuFeatures {
		labels[kubevirtv1.CPUFeatureLabel+feature] = "true"
	}
	for _, machine := range machineTypes {
		labels[kubevirtv1.SupportedMachineTypeLabel+machine] = "true"
	}
	return labels
}
