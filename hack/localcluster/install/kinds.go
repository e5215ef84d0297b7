package install

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"strings"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"kubevirt.io/kubevirt/pkg/virt-operator/resource/generate/components"
	"sigs.k8s.io/yaml"
)

// CDI's kinds have no generator that could be called; the build writes them
// from the Go types of CDI's API module.
//
//go:embed all:generated
var generated embed.FS

type kind = *apiextensionsv1.CustomResourceDefinition

func allKinds() ([]kind, error) {
	kinds, err := kubeVirtKinds()
	if err != nil {
		return nil, err
	}
	cdi, err := cdiKinds()
	return append(append(kinds, networkKind()), cdi...), err
}

func kubeVirtKinds() ([]kind, error) {
	generators := []func() (*apiextensionsv1.CustomResourceDefinition, error){
		components.NewKubeVirtCrd,
		components.NewVirtualMachineInstanceCrd,
		components.NewVirtualMachineCrd,
		components.NewVirtualMachineInstanceMigrationCrd,
		components.NewMigrationPolicyCrd,
		components.NewReplicaSetCrd,
		components.NewPresetCrd,
		components.NewVirtualMachinePoolCrd,
		components.NewVirtualMachineSnapshotCrd,
		components.NewVirtualMachineSnapshotContentCrd,
		components.NewVirtualMachineRestoreCrd,
		components.NewVirtualMachineExportCrd,
		components.NewVirtualMachineCloneCrd,
		components.NewVirtualMachineInstancetypeCrd,
		components.NewVirtualMachineClusterInstancetypeCrd,
		components.NewVirtualMachinePreferenceCrd,
		components.NewVirtualMachineClusterPreferenceCrd,
	}
	var kinds []kind
	for _, generate := range generators {
		crd, err := generate()
		if err != nil {
			return nil, err
		}
		kinds = append(kinds, crd)
	}
	return kinds, nil
}

func cdiKinds() ([]kind, error) {
	files, _ := fs.Glob(generated, "generated/*.yaml")
	if len(files) == 0 {
		return nil, fmt.Errorf("this binary was built without CDI's kinds: build it with hack/build-localcluster.sh")
	}
	var kinds []kind
	for _, file := range files {
		text, err := generated.ReadFile(file)
		if err != nil {
			return nil, err
		}
		crd := &apiextensionsv1.CustomResourceDefinition{}
		if err := yaml.Unmarshal(text, crd); err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		kinds = append(kinds, crd)
	}
	return kinds, nil
}

// awaitServed returns when objects of all kinds can be listed: what a client
// needs, and cheaper to ask than whether a kind is Established.
func (t *target) awaitServed(ctx context.Context, kinds []kind) error {
	for _, crd := range kinds {
		for _, version := range crd.Spec.Versions {
			if !version.Served {
				continue
			}
			path := strings.Join([]string{"/apis", crd.Spec.Group, version.Name, crd.Spec.Names.Plural}, "/")
			err := until(ctx, func() error {
				return t.rest.Get().AbsPath(path).Param("limit", "1").Do(ctx).Error()
			})
			if err != nil {
				return fmt.Errorf("%s is not served: %w", path, err)
			}
		}
	}
	return nil
}
