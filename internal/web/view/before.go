package view

// PathBefore is where criticism of the past is offered that nobody answered.
const PathBefore = PathInbox + "/before"

// BeforePage is the view of it.
type BeforePage struct {
	Rows []BeforeRow
	More MoreProps
}

// BeforeRow is one criticism, with what can be done about it.
type BeforeRow struct {
	Href    string
	Who     WhoProps
	Name    string
	Said    string
	Net     string
	NetNote string
	When    string
	From    string // the conversation
	Answer  string // where it is answered; "" for who may not
	Away    bool   // it can only be answered where it stands
	Case    string // where a case is opened from it
	Open    string // the case that it is in
	Leave   bool
}
