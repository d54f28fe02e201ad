package api_test

import (
	"fmt"
	"testing"
)

// tryResults calls what there is about costs and what was got for them. today is a day of the company's calendar.
func tryResults(t *testing.T, today string, vars map[string]string, send func(id, body string, status int, query ...string) map[string]any) {
	t.Helper()
	cost := fmt.Sprintf(`{"kind":"print","cents":18000,"from":%q,"note":"A thousand flyers"}`, today)
	vars["cost"] = send("add-cost", cost, 201)["id"].(string)
	send("add-cost", `{"kind":"print","cents":18000,"from":"yesterday"}`, 422)
	send("add-cost", fmt.Sprintf(`{"kind":"magic","cents":1,"from":%q}`, today), 422)
	changed := fmt.Sprintf(`{"kind":"print","cents":20000,"from":%q,"version":1}`, today)
	if c := send("change-cost", changed, 200); c["cents"].(float64) != 20000 || c["version"].(float64) != 2 {
		t.Errorf("changed %v", c)
	}
	send("change-cost", changed, 409)
	table := fmt.Sprintf(`{"table":"kind,amount,from\nradio,30,%s\n","dry":%%t}`, today)
	if r := send("import-costs", fmt.Sprintf(table, true), 200); len(r["costs"].([]any)) != 1 || len(send("list-costs", "", 200)["items"].([]any)) != 1 {
		t.Errorf("dry %v", r)
	}
	if r := send("import-costs", `{"table":"kind,amount\nradio,30\n"}`, 200); len(r["errors"].([]any)) != 1 || len(r["costs"].([]any)) != 0 {
		t.Errorf("without a day %v", r)
	}
	send("import-costs", fmt.Sprintf(table, false), 200)
	if n := len(send("list-costs", "", 200)["items"].([]any)); n != 2 {
		t.Errorf("%d costs", n)
	}
	if n := len(send("list-costs", "", 200, "?to=2001-01-01")["items"].([]any)); n != 0 {
		t.Errorf("%d costs of long ago", n)
	}
	// A token that may only read results is not told of hours.
	r := send("get-results", "", 200, "?from="+today+"&to="+today)
	money := map[string]float64{}
	for _, l := range r["lines"].([]any) {
		line := l.(map[string]any)
		money[line["kind"].(string)+"/"+line["name"].(string)] = line["money"].(float64)
	}
	if money["offline/print"] != 20000 || money["offline/radio"] != 3000 || money["total/"] != 23000 || r["minutes"] != nil {
		t.Errorf("results %v: %v", money, r)
	}
	send("get-results", "", 422, "?month=spring")
	if send("get-rates", "", 200)["rates"] == nil {
		t.Error("no rates")
	}
	send("drop-cost", "", 204)
	if n := len(send("list-costs", "", 200)["items"].([]any)); n != 1 {
		t.Errorf("%d costs are left", n)
	}
}
