package view

// Security is how safe accounts, people and posts are.
type Security struct {
	N, Of  int
	Sum    string // "su 8 a posto"
	Says   []string
	At     string
	Groups []SecurityGroup
}

// SecurityGroup is checks that came out the same way.
type SecurityGroup struct {
	State  string // "fine", "todo", "unknown"
	Title  string
	Checks []SecurityCheck
}

// SecurityCheck is one check.
type SecurityCheck struct {
	Key, Title string
	State      string // in words
	Say        string
	Remedy     string
	Href       string // where one can do something; "" nowhere in the house
	Rows       []SecurityRow
}

// SecurityRow is a part of what a check looked at.
type SecurityRow struct {
	Name string
	Net  string
	Say  string
	Href string
	Todo bool
}

// icon is the drawing of a state: the words stand beside it.
func (g SecurityGroup) icon() string {
	switch g.State {
	case "fine":
		return "check"
	case "todo":
		return "attention"
	}
	return "help"
}
