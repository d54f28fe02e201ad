package view

// SessionLine is one browser in which the member is signed in.
type SessionLine struct {
	ID      string
	Agent   string
	Address string
	Seen    string
	Current bool
}

// TokenLine is a key of a program.
type TokenLine struct {
	ID     string
	Name   string
	Owner  string // "" when it is one's own
	Scopes string
	Used   string
	Until  string
}

// Account is the view of one's own page. Its forms post below PathProfile.
type Account struct {
	Tabs      SettingsTabs
	Name      string
	Email     string
	Job       string
	Role      string // translated
	Locales   []Option
	Shortcuts bool
	FactorOn  bool
	Factor    string // how it stands, in words
	Sessions  []SessionLine
	Tokens    []TokenLine
	Letters   *Letters // nil for who hears of no troubles
	Form      string   // which form Error and Errors are about: "me", "letters", "password"
	Error     string
	Remedy    string
	Errors    map[string]string // by field: name, job, old, password
}

func (v Account) wrong(form, field string) string {
	if v.Form != form {
		return ""
	}
	return v.Errors[field]
}

// Factor is the view of the second factor. Its forms post below PathFactor.
type Factor struct {
	Tabs     SettingsTabs
	On       bool
	Wanted   bool   // the company wants it, and it is not on yet
	Left     string // recovery codes left, in words
	Few      bool
	Secret   string // while it is being set up
	Grouped  string // the same in groups of four
	QR       string // data address of the image
	Codes    []string
	Form     string // "confirm", "codes", "off"
	Error    string
	Remedy   string
	CodeNote string // what is wrong with the code
}

// Tokens is the view of a new key. It posts to PathProfile + "/tokens".
type Tokens struct {
	Tabs   SettingsTabs
	Name   string
	Scopes []CheckProps
	Lives  []Option
	Error  string
	Remedy string
	Errors map[string]string // by field: name, scopes, expires
	Secret string            // of the key just made, shown this once
	Made   string            // its name
}
