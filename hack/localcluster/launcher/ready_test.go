package launcher

import (
	"encoding/json"
	"testing"
)

func TestReadyNodes(t *testing.T) {
	const ready = `"status":{"conditions":[{"type":"Ready","status":"True"}]}`
	const schedulable = `"metadata":{"labels":{"kubevirt.io/schedulable":"true"}}`
	for text, want := range map[string]int{
		`{"items":[]}`: 0,
		`{"items":[{` + schedulable + `,` + ready + `},{` + schedulable + `,` + ready + `}]}`: 2,
		`{"items":[{` + ready + `}]}`: 0,
		`{"items":[{` + schedulable + `,"status":{"conditions":[{"type":"Ready","status":"Unknown"}]}}]}`: 0,
		`{"items":[{` + schedulable + `,"spec":{"taints":[{"effect":"NoSchedule"}]},` + ready + `}]}`:     0,
		`{"items":[{` + schedulable + `,` + ready + `},{"metadata":{"labels":{}},"status":{}}]}`:          1,
	} {
		var list nodeList
		if err := json.Unmarshal([]byte(text), &list); err != nil {
			t.Fatal(err)
		}
		if got := list.ready(); got != want {
			t.Errorf("%s: want %d, got %d", text, want, got)
		}
	}
}
