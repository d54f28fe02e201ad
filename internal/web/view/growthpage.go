package view

// GrowthPage is where a company decides how its public page looks, and sees how its record stands.
type GrowthPage struct {
	Tabs      []Tab
	LiveHref  string
	Change    bool
	Open      bool
	Values    map[string]string // title_it ... promise_en, write_to, decide_in, embed
	Errors    map[string]string
	Error     string
	Remedy    string
	Approvers []CheckProps
	Facts     []Fact // for who may only look
	PageHref  string // the page in the reader's language
	Address   string // the same, whole
	Embed     string // one line to paste
	Record    []Fact
	Key       string // the key that heads are signed with
	Verify    string // the command that checks the record
	RecordSay string // when there is no record yet
	Heads     []HeadPost
}

// HeadPost is the weekly post of the record's head.
type HeadPost struct {
	ID       string
	When     string
	Text     string
	State    string
	Icon     string
	Links    []HeadLink
	SendURL  string // POST channels here; "" for who may not
	SkipURL  string
	Channels []CheckProps
	Error    string
	Open     bool
}

// HeadLink is where a post stands.
type HeadLink struct{ Label, Href string }
