package launcher

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"time"
)

// probe tells whether something works; nil if it does.
type probe func(ctx context.Context) error

const (
	probeTimeout  = 2 * time.Second
	probeInterval = 50 * time.Millisecond
)

// prober asks the components of one cluster how they are. It shows who it is
// only where that is needed: virt-controller refuses certificates that it does
// not expect.
type prober struct{ anonymous, admin *http.Client }

func newProber(l Layout) (*prober, error) {
	ca, err := os.ReadFile(l.Cert("ca"))
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(ca)
	admin, err := tls.LoadX509KeyPair(l.Cert("admin"), l.Key("admin"))
	if err != nil {
		return nil, err
	}
	return &prober{
		anonymous: newProbeClient(&tls.Config{RootCAs: pool}),
		admin:     newProbeClient(&tls.Config{RootCAs: pool, Certificates: []tls.Certificate{admin}}),
	}, nil
}

func newProbeClient(config *tls.Config) *http.Client {
	transport := &http.Transport{
		TLSClientConfig:   config,
		DisableKeepAlives: true, // a component that is restarted leaves connections behind that only time out
	}
	return &http.Client{Transport: transport, Timeout: probeTimeout}
}

func get(ctx context.Context, client *http.Client, url string) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	response, err := client.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, err
	}
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: %s: %s", url, response.Status, strings.TrimSpace(string(body)))
	}
	return body, nil
}

// answer is content with status 200 and an answer that contains a text, blanks
// aside.
func answer(client *http.Client, url, want string) probe {
	return func(ctx context.Context) error {
		body, err := get(ctx, client, url)
		if err != nil {
			return err
		}
		if !strings.Contains(strings.Join(strings.Fields(string(body)), ""), want) {
			return fmt.Errorf("%s: want %s, got %.200s", url, want, body)
		}
		return nil
	}
}

// listening is content when somebody takes connections on a port.
func listening(port int) probe {
	return func(ctx context.Context) error {
		connection, err := (&net.Dialer{}).DialContext(ctx, "tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err != nil {
			return err
		}
		return connection.Close()
	}
}

// both is content when two probes are.
func both(first, second probe) probe {
	return func(ctx context.Context) error {
		if err := first(ctx); err != nil {
			return err
		}
		return second(ctx)
	}
}

// nodes is content when as many nodes as wanted are ready for VMs.
func (p *prober) nodes(apiServerURL string, want int) probe {
	return func(ctx context.Context) error {
		body, err := get(ctx, p.admin, apiServerURL+"/api/v1/nodes?resourceVersion=0")
		if err != nil {
			return err
		}
		var list nodeList
		if err := json.Unmarshal(body, &list); err != nil {
			return err
		}
		if ready := list.ready(); ready < want {
			return fmt.Errorf("%d of %d nodes are ready for VMs", ready, want)
		}
		return nil
	}
}

// nodeList is the little of the nodes that readiness depends on.
type nodeList struct {
	Items []struct {
		Metadata struct {
			Labels map[string]string `json:"labels"`
		} `json:"metadata"`
		Spec struct {
			Taints []struct {
				Effect string `json:"effect"`
			} `json:"taints"`
		} `json:"spec"`
		Status struct {
			Conditions []struct {
				Type   string `json:"type"`
				Status string `json:"status"`
			} `json:"conditions"`
		} `json:"status"`
	} `json:"items"`
}

// ready counts the nodes that are Ready, untainted and schedulable for KubeVirt.
func (l nodeList) ready() int {
	count := 0
	for _, node := range l.Items {
		usable := node.Metadata.Labels["kubevirt.io/schedulable"] == "true" && len(node.Spec.Taints) == 0
		for _, condition := range node.Status.Conditions {
			if usable && condition.Type == "Ready" && condition.Status == "True" {
				count++
			}
		}
	}
	return count
}

// fatal is what a probe returns when there is no use in trying again.
type fatal struct{ error }

// await repeats a probe until it is content or the context ends; the error then
// says what it was last discontent with.
func await(ctx context.Context, check probe) error {
	for {
		err := check(ctx)
		var hopeless fatal
		if err == nil || errors.As(err, &hopeless) {
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%w (%w)", err, context.Cause(ctx))
		case <-time.After(probeInterval):
		}
	}
}
