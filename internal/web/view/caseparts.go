package view

import "github.com/a-h/templ"

// notReasons are the reasons why something is no criticism, likeliest first.
var notReasons = []string{"question", "praise", "not_about_us", "spam", "abuse", "withdrawn", "mistake"}

// NotReasons are the lines of the menu that asks why something is no criticism.
func NotReasons(p Page) []ItemProps {
	out := make([]ItemProps, 0, len(notReasons))
	for _, r := range notReasons {
		out = append(out, ItemProps{Label: p.T("caselist.not." + r), Name: "reason", Value: r})
	}
	return out
}

// sendMaybe is send where there is something on the page to replace.
func sendMaybe(action, target string) templ.Attributes {
	if target == "" {
		return nil
	}
	return send(action, target)
}

// formOf puts a field that stands elsewhere into a form.
func formOf(id string) templ.Attributes { return templ.Attributes{"form": id} }

func newCaseTitle(p Page, v NewCase) string {
	if v.Into != "" {
		return p.T("casenew.title.into")
	}
	return p.T("casenew.title")
}

func numberAttrs(least, most string) templ.Attributes {
	return templ.Attributes{"min": least, "max": most, "inputmode": "numeric"}
}

// formAction lets a key send its form elsewhere, without asking for its fields.
func formAction(url string) templ.Attributes {
	return templ.Attributes{"formaction": url, "formnovalidate": true}
}

func secondKeyHint(has bool) string {
	if has {
		return "triagepage.second.key.kept"
	}
	return "triagepage.second.key.hint"
}

// comma stands after each of several words but the last, which ends the sentence.
func comma(i, n int) string {
	if i == n-1 {
		return "."
	}
	return ", "
}

// titleAttrs are those of the title of a case that is being opened: the first thing to write.
func titleAttrs() templ.Attributes {
	a := formOf("new-case")
	a["autofocus"] = true
	return a
}

// todaySpan gives the columns of a section of the page of today, so that those that are there fill a row: n of them, the i-th.
func todaySpan(n, i int, wide bool) string {
	switch {
	case n == 1 && wide:
		return "c5"
	case n == 1:
		return "c4"
	case n == 2:
		return [...]string{"c7", "c5"}[i]
	}
	return [...]string{"c5", "c4", "c3"}[min(i, 2)]
}

// weekSpan gives the columns of the week: beside a section that stands alone, else in a row of its own.
func weekSpan(t Today) string {
	if t.parts() == 1 && len(t.Cases) > 0 {
		return "c7"
	}
	return "c8"
}

// parts counts the sections about criticism on the page of today.
func (t Today) parts() int {
	n := 0
	for _, there := range []bool{len(t.Cases) > 0, len(t.Tasks) > 0, len(t.Promises) > 0, len(t.Doubts) > 0} {
		if there {
			n++
		}
	}
	return n
}

// before counts those of the sections before one that are there.
func before(there ...bool) int {
	n := 0
	for _, x := range there {
		if x {
			n++
		}
	}
	return n
}
