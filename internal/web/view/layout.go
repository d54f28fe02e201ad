package view

import "github.com/a-h/templ"

// htmxConfig keeps htmx inside the content security policy (no eval, no style element, no script from fragments), keeps
// nothing of a page in the browser's storage, and swaps answers that say what is wrong.
const htmxConfig = `{"includeIndicatorStyles":false,"allowEval":false,"allowScriptTags":false,"selfRequestsOnly":true,` +
	`"historyCacheSize":0,"refreshOnHistoryMiss":true,"scrollBehavior":"auto","timeout":30000,` +
	`"responseHandling":[{"code":"204","swap":false},{"code":"[23]..","swap":true},` +
	`{"code":"4..","swap":true,"error":false},{"code":"5..","swap":false,"error":true}]}`

type helpKey struct {
	letters []string
	what    string
}

// helpGroup are the keys of a room.
type helpGroup struct {
	title string
	keys  []helpKey
}

// helpGroups are the keys of internal/web/island/keys.ts and calendar.ts, in the order of the help.
var helpGroups = []helpGroup{
	{"shell.keys.talks", []helpKey{
		{[]string{"J", "K"}, "shell.keys.move"},
		{[]string{"R"}, "shell.keys.reply"},
		{[]string{"A"}, "shell.keys.assign"},
		{[]string{"C"}, "shell.keys.case"},
		{[]string{"X"}, "shell.keys.pick"},
		{[]string{"L"}, "shell.keys.lead"},
		{[]string{"T"}, "shell.keys.label"},
		{[]string{"S"}, "shell.keys.snooze"},
		{[]string{"E"}, "shell.keys.done"},
		{[]string{"N"}, "shell.keys.note"},
	}},
	{"shell.keys.posts", []helpKey{
		{[]string{"N"}, "shell.keys.new"},
		{[]string{"R"}, "shell.keys.text"},
		{[]string{"E"}, "shell.keys.change"},
		{[]string{"A"}, "shell.keys.approve"},
		{[]string{"M"}, "shell.keys.lift"},
	}},
	{"shell.keys.all", []helpKey{
		{[]string{"/"}, "shell.keys.search"},
		{[]string{"?"}, "shell.keys.help"},
		{[]string{"Esc"}, "shell.keys.escape"},
	}},
}

func rootAttrs(p Page) templ.Attributes {
	if p.theme() == ThemeAuto {
		return nil
	}
	return templ.Attributes{"data-theme": p.theme()}
}

func bodyAttrs(p Page) templ.Attributes {
	a := templ.Attributes{"data-keys": "on"}
	if p.KeysOff {
		a["data-keys"] = "off"
	}
	if p.Member.SignedIn() {
		a["data-live"] = PathLive
		a["data-topic"] = p.Topics
	}
	return a
}

func currentAttr(yes bool) templ.Attributes {
	if !yes {
		return nil
	}
	return templ.Attributes{"aria-current": "true"}
}

// liveWaiting lets the number in the rail follow the inbox.
func liveWaiting(p Page) templ.Attributes {
	if !p.Member.SignedIn() {
		return nil
	}
	return templ.Attributes{
		"hx-get": PathInbox + "/waiting", "hx-trigger": "live:inbox from:body", "hx-swap": "outerHTML", "hx-target": "this",
	}
}

func currentPage(yes bool) templ.Attributes {
	if !yes {
		return nil
	}
	return templ.Attributes{"aria-current": "page"}
}
