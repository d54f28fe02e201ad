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
