package component

import "kubevirt.io/kubevirt/pkg/virt-controller/watch"

func virtController() int {
	watch.Execute()
	return 0
}
