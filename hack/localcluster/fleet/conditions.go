package fleet

import (
	"slices"

	kubevirtv1 "kubevirt.io/api/core/v1"
)

type vmiCondition = kubevirtv1.VirtualMachineInstanceCondition

func vmiHas(vmi *kubevirtv1.VirtualMachineInstance, kind kubevirtv1.VirtualMachineInstanceConditionType) bool {
	return slices.ContainsFunc(vmi.Status.Conditions, func(c vmiCondition) bool { return c.Type == kind })
}

func dropVMICondition(vmi *kubevirtv1.VirtualMachineInstance, kind kubevirtv1.VirtualMachineInstanceConditionType) {
	vmi.Status.Conditions = slices.DeleteFunc(vmi.Status.Conditions, func(c vmiCondition) bool { return c.Type == kind })
}

// setVMICondition replaces the condition of that type unless it says the same already.
func setVMICondition(vmi *kubevirtv1.VirtualMachineInstance, c vmiCondition) {
	for _, old := range vmi.Status.Conditions {
		if old.Type == c.Type && old.Status == c.Status && old.Reason == c.Reason && old.Message == c.Message {
			return
		}
	}
	dropVMICondition(vmi, c.Type)
	vmi.Status.Conditions = append(vmi.Status.Conditions, c)
}
