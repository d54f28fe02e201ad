package api_test

import "testing"

// tryEvidence calls what there is about security and dependence.
func tryEvidence(t *testing.T, send func(id, body string, status int, query ...string) map[string]any) {
	t.Helper()
	s := send("get-security", "", 200)
	checks := s["checks"].([]any)
	if len(checks) != 8 {
		t.Fatalf("%d checks", len(checks))
	}
	for _, c := range checks {
		k := c.(map[string]any)
		if k["say"] == "" || k["state"] == "todo" && k["remedy"] == nil {
			t.Errorf("check %v", k)
		}
	}
	d := send("get-dependence", "", 200)
	if rests := d["rests"].([]any); len(rests) != 3 || d["out"] == nil {
		t.Errorf("dependence %v", d)
	}
	send("export-followers", "", 200)
}
