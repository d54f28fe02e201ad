package view

// Today is what waits for the member now.
type Today struct {
	Eyebrow  string // "Giovedì 12 marzo, 17:20"
	Greeting string
	Lede     string
	LiveHref string
	First    *TodayFirst
	Empty    *EmptyProps
	EmptyKey *KeyProps
	Waiting  []RowProps
	Approve  []TodayApprove
	Mentions []TodayMention
	Articles []SiteArticleRow // of the company's site, of which no post tells yet
	Cases    []CaseRow        // the reader's own, and those that are late
	Tasks    []TodayTask      // the reader's own
	Promises []PromiseRow     // due soon or broken
	Doubts   []Doubt
	DoubtSay string // how many there are
	Trouble  []TodayTrouble
	// TroubleMore says that there is more of it, on the page of posts.
	TroubleMore string
	Channels    []TodayChannel
	Week        []FigureProps
	WeekSay     string // said instead of figures when there are too few
	Inbox       bool   // may read conversations
	Health      bool   // may see the channels
	Plain       string // for who has no conversations and nothing else: what is theirs
}

// TodayTask is something to do for a case.
type TodayTask struct {
	Task Task
	Case string // "Caso 12: Tazze scheggiate"
	Href string
}

// TodayFirst is the conversation that comes first.
type TodayFirst struct {
	Quote   string
	Marks   []Span // the words that make it criticism
	Byline  BylineProps
	Keys    []KeyProps
	ToPhone string
	Clock   *ArchClockProps
	Reasons []string
	Private bool
	TakeURL string // POST TakeTo here to take it
	TakeTo  string
}

// TodayApprove is an answer that waits for a second person.
type TodayApprove struct {
	Who   WhoProps
	Title string
	Text  string
	Notes []string
	Href  string
	Icon  string // instead of a person: a public entry that waits
}

// TodayMention is a note that names the member.
type TodayMention struct {
	Row     RowProps
	SeenURL string
}

// TodayTrouble is something that did not get out.
type TodayTrouble struct {
	Title, Text, Remedy string
	Href, Key           string
}

// TodayChannel is how a channel does.
type TodayChannel struct {
	Net, Name, Note, When string
	Href, Key             string // what to do; "" when nothing is
}
