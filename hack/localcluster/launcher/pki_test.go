package launcher

import (
	"crypto/tls"
	"crypto/x509"
	"os"
	"strings"
	"testing"
)

func TestCertificatesFitTheirUse(t *testing.T) {
	l := Layout{t.TempDir()}
	if err := l.create(); err != nil {
		t.Fatal(err)
	}
	if err := writePKI(l); err != nil {
		t.Fatal(err)
	}
	ca, _ := os.ReadFile(l.Cert("ca"))
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(ca)
	for _, s := range subjects {
		pair, err := tls.LoadX509KeyPair(l.Cert(s.file), l.Key(s.file))
		if err != nil {
			t.Fatalf("%s: %s", s.file, err)
		}
		for usage, wanted := range map[x509.ExtKeyUsage]bool{x509.ExtKeyUsageServerAuth: s.server, x509.ExtKeyUsageClientAuth: s.client} {
			_, err := pair.Leaf.Verify(x509.VerifyOptions{Roots: roots, KeyUsages: []x509.ExtKeyUsage{usage}})
			if (err == nil) != wanted {
				t.Errorf("%s, usage %d: want %v, got %v", s.file, usage, wanted, err)
			}
		}
		if s.server && pair.Leaf.VerifyHostname("127.0.0.1") != nil {
			t.Errorf("%s does not hold for 127.0.0.1", s.file)
		}
	}
	info, _ := os.Stat(l.Key("ca"))
	if info.Mode().Perm() != 0o600 {
		t.Errorf("the CA's key has mode %o", info.Mode().Perm())
	}
}

func TestKubeconfigOfKubeVirtImpersonates(t *testing.T) {
	l := Layout{t.TempDir()}
	if err := l.create(); err != nil {
		t.Fatal(err)
	}
	if err := writePKI(l); err != nil {
		t.Fatal(err)
	}
	if err := writeKubeconfigs(l, "test", 6443); err != nil {
		t.Fatal(err)
	}
	handler, _ := os.ReadFile(l.Kubeconfig("virt-handler"))
	if !strings.Contains(string(handler), "\n    as: system:serviceaccount:kubevirt:kubevirt-handler\n") {
		t.Errorf("got %s", handler)
	}
	admin, _ := os.ReadFile(l.Admin())
	if strings.Contains(string(admin), "as:") || !strings.Contains(string(admin), "https://127.0.0.1:6443") {
		t.Errorf("got %s", admin)
	}
}
