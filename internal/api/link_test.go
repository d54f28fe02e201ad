package api_test

import "testing"

// tryLinks tries the operations of links.
func tryLinks(t *testing.T, vars map[string]string, send func(id, body string, status int, query ...string) map[string]any) {
	t.Helper()
	l := send("make-link", `{"target":"https://www.example.org/offer?utm_source=flyer","title":"Spring flyer","channel":"print","campaign":"spring","code":"spring"}`, 201)
	if l["address"] != "https://ponte.example/l/spring" || l["target"] != "https://www.example.org/offer" || l["source"] != "flyer" || l["locked"] != false {
		t.Errorf("link %v", l)
	}
	vars["link"] = l["id"].(string)
	send("make-link", `{"target":"https://www.example.org","code":"spring"}`, 422)
	send("make-link", `{"target":"javascript:alert(1)"}`, 422)
	if got := send("get-link", "", 200); got["code"] != "spring" || got["visits"] != nil {
		t.Errorf("link %v", got)
	}
	if got := send("change-link", `{"target":"https://www.example.org/summer","campaign":"summer","password":"ciao"}`, 200); got["code"] != "spring" || got["campaign"] != "summer" || got["locked"] != true {
		t.Errorf("changed %v", got)
	}
	if past := send("list-link-history", "", 200)["items"].([]any); len(past) != 1 || past[0].(map[string]any)["target"] != "https://www.example.org/offer" {
		t.Errorf("history %v", past)
	}
	if got := send("end-link", "", 200); got["state"] != "off" {
		t.Errorf("ended %v", got)
	}
	if n := len(send("list-links", "", 200, "?state=active")["items"].([]any)); n != 0 {
		t.Errorf("%d links lead on", n)
	}
	if got := send("resume-link", "", 200); got["state"] != "active" {
		t.Errorf("resumed %v", got)
	}
	all := send("list-links", "", 200, "?campaign=summer")["items"].([]any)
	if len(all) != 1 || all[0].(map[string]any)["visits"].(map[string]any)["visits"] != 0.0 {
		t.Errorf("links %v", all)
	}
	if r := send("get-link-visits", "", 200, "?days=7"); len(r["days"].([]any)) != 7 || len(r["sources"].([]any)) != 0 {
		t.Errorf("report %v", r)
	}
	if n := len(send("list-link-rows", "", 200)["items"].([]any)); n != 0 {
		t.Errorf("%d visits of a link that nobody opened", n)
	}
	send("list-link-rows", "", 422, "?before=yesterday")
	if n := len(send("list-link-tallies", "", 200, "?from=2026-01-01&to=2026-01-31")["items"].([]any)); n != 0 {
		t.Errorf("%d sums of no visits", n)
	}
	if q := send("get-link-qr", "", 200, "?level=h&side=512"); q["svg"] == "" || q["png"] == "" || q["contrast"].(float64) < 3 {
		t.Errorf("code %v", q)
	}
	send("get-link-qr", "", 422, "?dark=fefefe&light=ffffff")
	if got := send("import-links", `{"table":"target,code\nhttps://www.example.org/a,one\nnowhere,two\n"}`, 200); len(got["errors"].([]any)) != 1 {
		t.Errorf("a wrong line was taken: %v", got)
	}
	if n := len(send("list-links", "", 200)["items"].([]any)); n != 1 {
		t.Errorf("%d links after a table with an error", n)
	}
	if got := send("import-links", `{"table":"target,code\nhttps://www.example.org/a,one-more\n"}`, 200); len(got["errors"].([]any)) != 0 || got["links"].([]any)[0].(map[string]any)["id"] == nil {
		t.Errorf("imported %v", got)
	}
	send("export-links", "", 200)
}
