package launcher

import (
	"encoding/base64"
	"fmt"
	"os"
	"strings"
)

// identity is whom a kubeconfig speaks for.
type identity struct {
	cert           string // the client certificate
	serviceAccount string // a service account in namespace kubevirt to act as, or empty
}

// identities by component. KubeVirt's programs have no pod to get a token
// from, so an administrator's certificate acts as their service accounts: what
// they may do is then still decided by KubeVirt's own RBAC.
var identities = map[string]identity{
	controllerManager: {cert: controllerManager},
	scheduler:         {cert: scheduler},
	virtAPI:           {cert: "admin", serviceAccount: "kubevirt-apiserver"},
	virtController:    {cert: "admin", serviceAccount: "kubevirt-controller"},
	"virt-handler":    {cert: "admin", serviceAccount: "kubevirt-handler"},
}

func writeKubeconfigs(l Layout, cluster string, apiPort int) error {
	if err := writeKubeconfig(l, l.Admin(), cluster, apiPort, identity{cert: "admin"}); err != nil {
		return err
	}
	for component, id := range identities {
		if err := writeKubeconfig(l, l.Kubeconfig(component), cluster, apiPort, id); err != nil {
			return err
		}
	}
	return nil
}

func writeKubeconfig(l Layout, path, cluster string, apiPort int, id identity) error {
	ca, err := encoded(l.Cert("ca"))
	if err != nil {
		return err
	}
	cert, err := encoded(l.Cert(id.cert))
	if err != nil {
		return err
	}
	key, err := encoded(l.Key(id.cert))
	if err != nil {
		return err
	}
	text := fmt.Sprintf(kubeconfigTemplate, cluster, apiPort, ca, cert, key, impersonation(id.serviceAccount))
	return os.WriteFile(path, []byte(text), 0o600)
}

func encoded(path string) (string, error) {
	data, err := os.ReadFile(path)
	return base64.StdEncoding.EncodeToString(data), err
}

func impersonation(serviceAccount string) string {
	if serviceAccount == "" {
		return ""
	}
	lines := []string{
		"as: system:serviceaccount:kubevirt:" + serviceAccount,
		"as-groups:",
		"- system:serviceaccounts",
		"- system:serviceaccounts:kubevirt",
		"- system:authenticated",
	}
	return "    " + strings.Join(lines, "\n    ") + "\n"
}

const kubeconfigTemplate = `apiVersion: v1
kind: Config
current-context: %[1]s
contexts:
- name: %[1]s
  context:
    cluster: %[1]s
    user: %[1]s
clusters:
- name: %[1]s
  cluster:
    server: https://127.0.0.1:%[2]d
    certificate-authority-data: %[3]s
users:
- name: %[1]s
  user:
    client-certificate-data: %[4]s
    client-key-data: %[5]s
%[6]s`
