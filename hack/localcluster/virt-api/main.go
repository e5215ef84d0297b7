// Command localcluster-virt-api is KubeVirt's virt-api. It is a binary of its
// own because of what its packages do before main; see launcher.Binaries.
package main

import (
	"kubevirt.io/client-go/log"
	"kubevirt.io/kubevirt/pkg/service"
	virtapi "kubevirt.io/kubevirt/pkg/virt-api"
)

func main() {
	log.InitializeLogging("virt-api")
	app := virtapi.NewVirtApi()
	service.Setup(app)
	app.Execute()
}
