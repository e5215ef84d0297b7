package launcher

import (
	"fmt"
	"strconv"
)

// spec says how a component is started and how to tell that it works.
type spec struct {
	name   string
	binary string // path of the program
	args   []string
	env    []string // added to the supervisor's own
	port   int      // the one that users may want to know; 0: none
	after  []string // steps that must be done before it is started
	ready  probe
}

// planner holds what the specs are made of.
type planner struct {
	config   Config
	layout   Layout
	ports    *Ports
	binaries Binaries
	probes   *prober
}

// Binaries are the paths of the programs. virt-api is one of its own: it
// compiles an OpenAPI validator before its main function runs, which would cost
// every start of every other component two seconds and 180 MB.
type Binaries struct{ Main, VirtAPI string }

// specs are the components that the cluster is asked to have.
func (p *planner) specs() []spec {
	all := []spec{p.etcd(), p.apiServer(), p.controllerManager(), p.scheduler(), p.virtAPI(), p.virtController(), p.fleet()}
	var wanted []spec
	for _, s := range all {
		if p.config.runs(s.name) {
			s.args = append(s.args, p.config.ExtraArgs[s.name]...)
			wanted = append(wanted, s)
		}
	}
	return wanted
}

// multi is a component of the main binary.
func (p *planner) multi(name string, args ...string) spec {
	return spec{
		name:   name,
		binary: p.binaries.Main,
		args:   append([]string{name}, args...),
		port:   p.ports.Of(name),
	}
}

func (p *planner) etcd() spec {
	client := p.url(etcd)
	peer := p.url(portEtcdPeer)
	s := p.multi(etcd,
		"--name=local",
		"--data-dir="+p.layout.Data(),
		"--listen-client-urls="+client,
		"--advertise-client-urls="+client,
		"--listen-peer-urls="+peer,
		"--initial-advertise-peer-urls="+peer,
		"--initial-cluster=local="+peer,
		"--cert-file="+p.layout.Cert("etcd"),
		"--key-file="+p.layout.Key("etcd"),
		"--trusted-ca-file="+p.layout.Cert("ca"),
		"--client-cert-auth",
		"--peer-cert-file="+p.layout.Cert("etcd"),
		"--peer-key-file="+p.layout.Key("etcd"),
		"--peer-trusted-ca-file="+p.layout.Cert("ca"),
		"--peer-client-cert-auth",
		"--unsafe-no-fsync", // the cluster's data does not outlive it
		"--heartbeat-interval=50",
		"--election-timeout=500",
		"--quota-backend-bytes=8589934592",
		"--log-level=warn",
	)
	s.ready = answer(p.probes.admin, client+"/health", `"health":"true"`)
	return s
}

func (p *planner) apiServer() spec {
	s := p.multi(apiServer,
		"--bind-address=127.0.0.1",
		"--advertise-address=127.0.0.1",
		"--endpoint-reconciler-type=none", // an Endpoints object must not name a loopback address
		p.securePort(apiServer),
		"--etcd-servers="+p.url(etcd),
		"--etcd-cafile="+p.layout.Cert("ca"),
		"--etcd-certfile="+p.layout.Cert("apiserver-etcd-client"),
		"--etcd-keyfile="+p.layout.Key("apiserver-etcd-client"),
		"--tls-cert-file="+p.layout.Cert("apiserver"),
		"--tls-private-key-file="+p.layout.Key("apiserver"),
		"--client-ca-file="+p.layout.Cert("ca"),
		"--requestheader-client-ca-file="+p.layout.Cert("ca"),
		"--requestheader-allowed-names=front-proxy-client",
		"--requestheader-username-headers=X-Remote-User",
		"--requestheader-group-headers=X-Remote-Group",
		"--requestheader-extra-headers-prefix=X-Remote-Extra-",
		"--proxy-client-cert-file="+p.layout.Cert("front-proxy-client"),
		"--proxy-client-key-file="+p.layout.Key("front-proxy-client"),
		"--service-account-issuer=https://kubernetes.default.svc",
		"--service-account-key-file="+p.layout.path("pki", "sa.pub"),
		"--service-account-signing-key-file="+p.layout.Key("sa"),
		"--service-cluster-ip-range=10.96.0.0/16",
		"--authorization-mode=Node,RBAC",
		"--enable-admission-plugins=NodeRestriction",
		"--disable-admission-plugins=ServiceAccount", // pods of the fleet mount no token
		"--allow-privileged=true",
		"--feature-gates=MutatingAdmissionPolicy=true", // see install/attachmentpods.go
		"--runtime-config=admissionregistration.k8s.io/v1alpha1=true",
	)
	s.ready = answer(p.probes.anonymous, p.url(apiServer)+"/readyz", "ok")
	return s
}

func (p *planner) controllerManager() spec {
	s := p.multi(controllerManager, append(p.kubernetesClient(controllerManager),
		"--use-service-account-credentials=true",
		"--service-account-private-key-file="+p.layout.Key("sa"),
		"--root-ca-file="+p.layout.Cert("ca"),
		"--cluster-signing-cert-file="+p.layout.Cert("ca"),
		"--cluster-signing-key-file="+p.layout.Key("ca"),
		"--node-monitor-period=1s",
	)...)
	s.after = []string{apiServer}
	s.ready = answer(p.probes.anonymous, p.url(controllerManager)+"/healthz", "ok")
	return s
}

func (p *planner) scheduler() spec {
	s := p.multi(scheduler, p.kubernetesClient(scheduler)...)
	s.after = []string{apiServer}
	s.ready = answer(p.probes.anonymous, p.url(scheduler)+"/readyz", "ok")
	return s
}

// kubernetesClient are the flags that Kubernetes' own controllers share.
func (p *planner) kubernetesClient(name string) []string {
	return []string{
		"--kubeconfig=" + p.layout.Kubeconfig(name),
		"--authentication-kubeconfig=" + p.layout.Kubeconfig(name),
		"--authorization-kubeconfig=" + p.layout.Kubeconfig(name),
		"--bind-address=127.0.0.1",
		p.securePort(name),
		"--tls-cert-file=" + p.layout.Cert(name),
		"--tls-private-key-file=" + p.layout.Key(name),
		"--leader-elect=false", // there is only one
		"--kube-api-qps=1000",
		"--kube-api-burst=2000",
	}
}

func (p *planner) virtAPI() spec {
	s := p.kubeVirt(virtAPI,
		"--tls-cert-file="+p.layout.Cert(virtAPI),
		"--tls-key-file="+p.layout.Key(virtAPI),
		"--handler-cert-file="+p.layout.Cert("virt-handler-client"),
		"--handler-key-file="+p.layout.Key("virt-handler-client"),
		"--console-server-port="+strconv.Itoa(p.ports.Of(portVirtHandle)),
	)
	s.binary, s.args = p.binaries.VirtAPI, s.args[1:]
	s.ready = answer(p.probes.anonymous, p.url(virtAPI)+"/healthz", "ok")
	return s
}

func (p *planner) virtController() spec {
	s := p.kubeVirt(virtController,
		"--prom-cert-file="+p.layout.Cert(virtController),
		"--prom-key-file="+p.layout.Key(virtController),
		"--launcher-image=virt-launcher:"+kubeVirtVersion,
		"--exporter-image=virt-exportserver:"+kubeVirtVersion,
		"--node-topology-update-period=5s",
	)
	s.ready = answer(p.probes.anonymous, p.url(virtController)+"/leader", `"leader":"true"`)
	return s
}

func (p *planner) kubeVirt(name string, args ...string) spec {
	s := p.multi(name, append([]string{
		"--kubeconfig=" + p.layout.Kubeconfig(name),
		"--listen=127.0.0.1",
		"--port=" + strconv.Itoa(p.ports.Of(name)),
	}, args...)...)
	s.env = []string{"POD_NAMESPACE=kubevirt", "POD_NAME=" + name}
	s.after = []string{stepDefinitions}
	return s
}

func (p *planner) fleet() spec {
	s := p.multi(fleet,
		"--kubeconfig="+p.layout.Admin(),
		"--handler-kubeconfig="+p.layout.Kubeconfig("virt-handler"),
		"--pki="+p.layout.PKI(),
		"--control="+p.layout.FleetSocket(),
		fmt.Sprintf("--nodes=%d", p.config.FleetNodes),
		fmt.Sprintf("--zones=%d", p.config.FleetZones),
		fmt.Sprintf("--console-port=%d", p.ports.Of(portVirtHandle)),
	)
	s.port = p.ports.Of(portVirtHandle)
	s.after = []string{stepDefinitions}
	// The nodes stay in the API when the fleet ends, its listener does not.
	s.ready = both(listening(s.port), p.probes.nodes(p.url(apiServer), p.config.FleetNodes))
	return s
}

func (p *planner) url(listener string) string {
	return fmt.Sprintf("https://127.0.0.1:%d", p.ports.Of(listener))
}

func (p *planner) securePort(name string) string {
	return fmt.Sprintf("--secure-port=%d", p.ports.Of(name))
}
