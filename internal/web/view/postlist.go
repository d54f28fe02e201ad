package view

// The addresses of the lists of posts and of what a company decides about them.
const (
	PathCalendar     = PathPosts + "/calendar"
	PathPostSettings = "/settings/posts"
)

// PostsStop says that everything is paused.
type PostsStop struct {
	Text   string // since when, who
	Why    string
	Note   string // what becomes of what falls due meanwhile
	Resume bool   // the reader may end it
	Back   string // the page to come back to
}

// PostPause is the form that pauses everything.
type PostPause struct {
	Back  string
	Why   string // typed
	Error string
}

// PostsPage is the list of posts, with what waits for a person first.
type PostsPage struct {
	LiveHref string
	Lede     string
	Tabs     []Tab
	Problem  *TroubleProps
	Pause    *PostPause // nil: the reader may not, or it is so already
	New      *KeyProps
	Import   bool // may bring posts in
	Export   string
	Approve  []PostRow
	Trouble  []PostWait
	More     string // said when there is more trouble than is shown
	Chips    []Chip
	Channels []ItemProps // narrows to a channel
	Channel  string      // its name; "" all
	Rows     []PostRow
	Empty    *EmptyProps
	EmptyKey *KeyProps
	Next     MoreProps
}

// PostRow is a post in a list.
type PostRow struct {
	Icon  string
	Title string
	Href  string
	State string
	Late  bool
	Notes []string
	Nets  []PostNet
	Key   *KeyProps
}

// PostNet is a channel's mark with its name.
type PostNet struct{ Net, Label string }

// PostWait is something about a post that a person should look at, with cause and remedy.
type PostWait struct {
	Title, Text, Remedy string
	Post                string // how the post begins
	Keys                []PostKey
}
