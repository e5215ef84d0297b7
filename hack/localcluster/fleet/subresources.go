package fleet

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"path/filepath"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	kubevirtv1 "kubevirt.io/api/core/v1"
)

// subresources is the server that every virt-handler runs, once for all of them: virt-api calls the pod of the VMI's node,
// and all these pods have the address 127.0.0.1. Routes and answers: cmd/virt-handler/virt-handler.go (runServer),
// pkg/virt-handler/rest/lifecycle.go.
type subresources struct {
	handlers *handlers
	wakeVMI  func(key string)
}

var errUnreachable = errors.New("virt-handler of the node does not answer")

func (s *subresources) routes() http.Handler {
	mux := http.NewServeMux()
	const vmi = " /v1/namespaces/{namespace}/virtualmachineinstances/{name}/"
	for name, do := range map[string]func(*guest) error{
		"pause": s.pause, "unpause": s.unpause, "freeze": s.freeze, "unfreeze": s.unfreeze,
		"softreboot": s.softReboot, "reset": s.reset,
	} {
		mux.HandleFunc("PUT"+vmi+name, s.command(do))
	}
	mux.HandleFunc("GET"+vmi+"guestosinfo", s.query(guestInfo))
	mux.HandleFunc("GET"+vmi+"userlist", s.query(userList))
	mux.HandleFunc("GET"+vmi+"filesystemlist", s.query(filesystemList))
	return mux
}

// serve runs until the context ends.
func (s *subresources) serve(ctx context.Context, port int, pki string) error {
	config, err := handlerTLS(pki)
	if err != nil {
		return err
	}
	server := &http.Server{
		Addr: fmt.Sprintf("%s:%d", loopback, port), Handler: s.routes(), TLSConfig: config,
		// Whoever only looks whether the port is open ends the handshake: no news.
		ReadHeaderTimeout: 10 * time.Second, ErrorLog: log.New(io.Discard, "", 0),
	}
	go func() {
		<-ctx.Done()
		_ = server.Close()
	}()
	err = server.ListenAndServeTLS("", "")
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

// handlerTLS wants the peer's certificate from the cluster's own authority: pkg/util/tls/tls.go
// (SetupTLSForVirtHandlerServer).
func handlerTLS(pki string) (*tls.Config, error) {
	pair, err := tls.LoadX509KeyPair(filepath.Join(pki, "virt-handler.crt"), filepath.Join(pki, "virt-handler.key"))
	if err != nil {
		return nil, err
	}
	ca, err := os.ReadFile(filepath.Join(pki, "ca.crt"))
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(ca) {
		return nil, fmt.Errorf("%s has no certificate", filepath.Join(pki, "ca.crt"))
	}
	return &tls.Config{
		MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{pair},
		ClientCAs: pool, ClientAuth: tls.RequireAndVerifyClientCert,
	}, nil
}

// reach finds the guest that the request is for, as the virt-handler of its node sees it.
func (s *subresources) reach(r *http.Request) (*kubevirtv1.VirtualMachineInstance, guest, int, error) {
	key := r.PathValue("namespace") + "/" + r.PathValue("name")
	vmi := s.handlers.current(key)
	if vmi == nil {
		return nil, guest{}, http.StatusNotFound, fmt.Errorf("VMI %s does not exist", key)
	}
	node := ownerNode(vmi)
	if !s.handlers.roster.handles(node) {
		return nil, guest{}, 0, errUnreachable
	}
	if f, failing := s.handlers.faults.find(faultNoSubresource, subject{Key: key, Node: node}, string(vmi.UID)); failing {
		return nil, guest{}, http.StatusInternalServerError, errors.New(cmp.Or(f.Message, "the launcher does not answer"))
	}
	g, found := s.handlers.guestOn(vmi, node)
	if !found || !g.alive() || g.State == guestBooting {
		return nil, guest{}, http.StatusInternalServerError, errors.New("Domain not found.") //nolint:staticcheck // libvirt's words
	}
	return vmi, g, 0, nil
}

// refuse answers with an error, or with silence when the node does not answer.
func refuse(w http.ResponseWriter, code int, err error) {
	if errors.Is(err, errUnreachable) {
		panic(http.ErrAbortHandler)
	}
	http.Error(w, err.Error(), code)
}

// command serves a request that changes the guest. What it changes reaches the VMI's status in the VMI's next turn, as it
// does with the genuine one through an event of libvirt.
func (s *subresources) command(do func(*guest) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		_, g, code, err := s.reach(r)
		if err != nil {
			refuse(w, code, err)
			return
		}
		s.handlers.hypervisor.change(g.Pod, func(g *guest) { err = do(g) })
		if err != nil {
			refuse(w, http.StatusInternalServerError, err)
			return
		}
		s.wakeVMI(g.key())
		w.WriteHeader(http.StatusAccepted)
	}
}

func (s *subresources) query(answer func(*kubevirtv1.VirtualMachineInstance, guest) any) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		vmi, g, code, err := s.reach(r)
		if err != nil {
			refuse(w, code, err)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(answer(vmi, g))
	}
}

// pause and unpause: pkg/virt-launcher/virtwrap/manager.go (PauseVMI, UnpauseVMI) do nothing where there is nothing to do.
func (s *subresources) pause(g *guest) error {
	if g.State == guestRunning {
		g.State = guestPaused
	}
	return nil
}

func (s *subresources) unpause(g *guest) error {
	if g.State == guestPaused {
		g.State = guestRunning
	}
	return nil
}

func (s *subresources) freeze(g *guest) error {
	if !g.Agent {
		return errors.New("guest agent is not connected")
	}
	g.Frozen = true
	return nil
}

func (s *subresources) unfreeze(g *guest) error {
	if !g.Agent {
		return errors.New("guest agent is not connected")
	}
	g.Frozen = false
	return nil
}

// softReboot: pkg/virt-launcher/virtwrap/manager.go (SoftRebootVMI) asks the agent, else presses the power button. Either way
// it is a request: a deaf guest was asked, and that is all.
func (s *subresources) softReboot(g *guest) error {
	if !s.handlers.deaf(*g) {
		g.reboot(time.Now(), s.handlers.timing.shutdown)
	}
	return nil
}

// reset turns the machine off and on in place, whatever the guest thinks of it.
func (s *subresources) reset(g *guest) error {
	if g.State == guestRunning || g.State == guestPaused {
		g.rebootAt = time.Time{}
		g.boot(time.Now(), s.handlers.agentDelay(*g))
	}
	return nil
}

func guestInfo(vmi *kubevirtv1.VirtualMachineInstance, g guest) any {
	info := kubevirtv1.VirtualMachineInstanceGuestAgentInfo{
		TypeMeta: metav1.TypeMeta{APIVersion: kubevirtv1.GroupVersion.String(), Kind: "VirtualMachineInstanceGuestAgentInfo"},
	}
	if g.Agent {
		info.GAVersion, info.Hostname, info.OS, info.Timezone = "9.2.0", vmi.Name, guestOS, "UTC, 0"
		info.FSFreezeStatus = "thawed"
		if g.Frozen {
			info.FSFreezeStatus = "frozen"
		}
	}
	return info
}

func userList(*kubevirtv1.VirtualMachineInstance, guest) any {
	return kubevirtv1.VirtualMachineInstanceGuestOSUserList{
		TypeMeta: metav1.TypeMeta{APIVersion: kubevirtv1.GroupVersion.String(), Kind: "VirtualMachineInstanceGuestOSUserList"},
		Items:    []kubevirtv1.VirtualMachineInstanceGuestOSUser{},
	}
}

func filesystemList(vmi *kubevirtv1.VirtualMachineInstance, g guest) any {
	list := kubevirtv1.VirtualMachineInstanceFileSystemList{
		TypeMeta: metav1.TypeMeta{APIVersion: kubevirtv1.GroupVersion.String(), Kind: "VirtualMachineInstanceFileSystemList"},
		Items:    []kubevirtv1.VirtualMachineInstanceFileSystem{},
	}
	if g.Agent {
		list.Items = append(list.Items, kubevirtv1.VirtualMachineInstanceFileSystem{
			DiskName: "vda1", MountPoint: "/", FileSystemType: "xfs", TotalBytes: int(rootBytes(vmi)), UsedBytes: int(gib),
		})
	}
	return list
}

func rootBytes(vmi *kubevirtv1.VirtualMachineInstance) int64 {
	for _, status := range vmi.Status.VolumeStatus {
		if status.PersistentVolumeClaimInfo != nil {
			q := status.PersistentVolumeClaimInfo.Capacity[corev1.ResourceStorage]
			return q.Value()
		}
	}
	return 10 * gib
}
