package qa

import (
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
)

// preface is how language models begin an answer that is not only the
// translation.
var preface = regexp.MustCompile(`(?i)^\s*(?:(?:sure|certainly|of course|okay|ok)[,.!:]+\s+(?:here|below|the translation)\b` +
	`|(?:here|below)(?:'s|’s| is| are| you)\b[^.\n]{0,40}\btranslat` +
	`|i(?:'ve|’ve| have) translated\b` +
	`|(?:the )?translat(?:ion|ed text)\s*(?:in(?:to)? \w+\s*)?:` +
	`|(?:hier ist|nachfolgend|dies ist) [^.\n]{0,30}übersetz` +
	`|übersetzung\s*:` +
	`|(?:aquí (?:está|tienes|tiene)|esta es) [^.\n]{0,30}traducci` +
	`|traducción\s*:|traduction\s*:|traduzione\s*:|tradução\s*:` +
	`|voici [^.\n]{0,30}traduction|ecco [^.\n]{0,30}traduzione|aqui está [^.\n]{0,30}tradução)`)

// refusal is how they say that they will not.
var refusal = regexp.MustCompile(`(?i)^\s*(?:i(?:'m|’m| am) (?:sorry|afraid),? (?:but )?i|i(?:'m|’m| am) (?:unable|not able) to (?:translate|help|assist|fulfil|provide|comply)` +
	`|i(?:'m|’m| am) sorry,? but|i (?:can(?:no|'|’)t|cannot|won(?:'|’)t) (?:translate|help|assist|fulfil|provide|comply)` +
	`|as an ai\b|(?:es )?tut mir (?:sehr )?leid,? (?:aber )?(?:(?:ich|das) kann|(?:\pL+ ){1,3}kann ich)|als ki\b|lo siento,? (?:pero )?(?:\pL+ ){0,3}no puedo` +
	`|(?:je suis )?désolée?, (?:mais )?je ne (?:peux|suis pas)|mi dispiace, (?:ma )?non posso|(?:desculpe|sinto muito|lamento), (?:mas )?não posso` +
	`|(?:het )?spijt me, (?:maar )?(?:ik|daar|dat) kan|ho sento, (?:però )?no puc` +
	`|przykro mi, (?:ale )?nie mog|(?:извините|к сожалению), (?:но )?я не мо` +
	`|(?:申し訳(?:ありません|ございません)|すみません)が|(?:抱歉|对不起|對不起)，?我(?:不能|无法|無法))`)

// apology is in a source that a translation may rightly begin with an excuse of.
var apology = regexp.MustCompile(`(?i)\b(?:sorry|apologi[sz]e|afraid|unfortunately|regret|tut (?:mir|uns) |leider\b|entschuldig|verzeih|siento|lament|disculp|perdón` +
	`|désol|regrett|excus|pardon|dispiac|scus|purtroppo|desculp|sinto|infelizmente|spijt|helaas|sento\b|przykro|przepraszam|niestety)` +
	`|извин|сожален|прост|申し訳|すみません|ごめん|抱歉|对不起|對不起|遗憾|遺憾`)

// announcing are the stems of "translate" and "translation" in many languages.
var announcing = regexp.MustCompile(`(?i)translat|übersetz|tradu[cçzi]|tradott|vertaa?l|översätt|oversæt|oversett|tłumacz` +
	`|перев[её]д|(?:вот|^|[!.,] )\s*перевод|переклад|překlad|přelož|traducer|çevir|çevri|fordítás|käännös|terjemah|bản dịch|μετάφρασ` +
	`|翻訳|訳文|翻译|翻譯|译文|譯文|번역|ترجم|תרגום|अनुवाद`)

// obliging is how an answer begins that is polite before it is of use.
var obliging = regexp.MustCompile(`(?i)^\s*¡?(?:sure|certainly|of course|absolutely|gladly|okay|ok|alright|all right|no problem|here(?:'s|’s| is| are| you go| it is)` +
	`|gerne?|natürlich|selbstverständlich|klar|hier (?:ist|sind)|bien sûr|certainement|avec plaisir|voici|claro|por supuesto|desde luego|aquí (?:está|tienes|tiene)` +
	`|certo|certamente|ecco|com certeza|aqui está|natuurlijk|zeker|hier is|oczywiście|jasne|oto|конечно|вот|tabii|elbette|işte|självklart|selvfølgelig` +
	`|もちろん|はい|承知|以下[がはに]|好的|当然|當然|以下是|물론|네[,. ]|다음은|بالتأكيد|بالطبع|إليك)`)

// remark is how a note of the engine's own behind the translation begins.
var remark = regexp.MustCompile(`(?i)^\W*(?:(?:translator(?:'s|’s)? )?notes?\b|explanation|let me know|i hope|please let|feel free|if you (?:need|want|would like)` +
	`|anmerkung|hinweis|ich hoffe|lass(?:en sie)? (?:mich|es mich)|remarque|n'hésite|j'espère|nota\b|espero que|fammi sapere|spero che|uwaga|mam nadzieję` +
	`|примечание|надеюсь|注意|注[：:]|备注|備考|説明|希望|참고)`)

// longestRemark bounds, in bytes, what is looked at for a remark.
const longestRemark = 160

// chatter finds an answer that talks about the translation, or refuses it, where
// the source does not.
func chatter(in Input) []Finding {
	const fence = "```"
	if at := refusal.FindStringIndex(in.Target); at != nil && !refusal.MatchString(in.Source) && !apology.MatchString(in.Source) {
		return []Finding{finding(ChatterCheck, mistranslation, v1alpha1.CriticalSeverity,
			"the engine seems to refuse in place of a translation").at(trimmed(in.Target, matched(at)))}
	}
	if at, ok := prefaceOf(in); ok {
		return []Finding{finding(ChatterCheck, additionCategory, v1alpha1.MajorSeverity,
			"the translation begins with a remark about itself").at(trimmed(in.Target, at))}
	}
	if at, ok := remarkOf(in); ok {
		return []Finding{finding(ChatterCheck, additionCategory, v1alpha1.MajorSeverity,
			"the translation ends with a remark about itself").at(trimmed(in.Target, at))}
	}
	switch {
	case strings.Contains(in.Target, fence) && !strings.Contains(in.Source, fence):
		return []Finding{finding(ChatterCheck, additionCategory, v1alpha1.MajorSeverity,
			"the translation has a code fence that the source has not").at(first(in.Target, fence))}
	case looksLikeJSON(in.Target) && !looksLikeJSON(in.Source):
		return []Finding{finding(ChatterCheck, additionCategory, v1alpha1.MajorSeverity,
			"the translation is wrapped in JSON that the source has not").at(whole(in.Target))}
	default:
		return nil
	}
}

// prefaceOf looks for a remark in front that ends with a colon or a line break. The
// source may have one too: then it has as many of these.
func prefaceOf(in Input) (Span, bool) {
	head := headOf(in.Target)
	if at := preface.FindStringIndex(in.Target); at != nil && !preface.MatchString(in.Source) {
		return Span{Start: at[0], End: max(at[1], len(head))}, true
	}
	if head == "" || breaks(in.Target) <= breaks(in.Source) {
		return Span{}, false
	}
	// The remark of one who is polite may have a line of its own: "Sure!\n…".
	if !announcing.MatchString(head) && !obliging.MatchString(head) {
		return Span{}, false
	}
	start := in.Source[:min(len(in.Source), longestRemark)]
	return Span{End: len(head)}, !announcing.MatchString(start) && !obliging.MatchString(start)
}

// headOf is the beginning of a text through what may end a remark; "" for none.
func headOf(text string) string {
	end := strings.IndexAny(text[:min(len(text), longestRemark)], ":：\n")
	if end < 0 {
		return ""
	}
	return text[:runeAt(text, end).End]
}

// breaks counts what may end a remark.
func breaks(text string) int {
	count := 0
	for _, r := range text {
		if r == ':' || r == '：' || r == '\n' {
			count++
		}
	}
	return count
}

// remarkOf looks for a last paragraph that is no part of the translation.
func remarkOf(in Input) (Span, bool) {
	all := whole(in.Target)
	text := all.of(in.Target)
	at := strings.LastIndexByte(text, '\n')
	if at < 0 || strings.Count(text, "\n") <= strings.Count(strings.TrimSpace(in.Source), "\n") {
		return Span{}, false
	}
	return Span{Start: all.Start + at + 1, End: all.End}, remark.MatchString(text[at+1:])
}

// looksLikeJSON finds the rests of an answer that was to be JSON.
func looksLikeJSON(text string) bool {
	text = strings.TrimSpace(text)
	first, size := utf8.DecodeRuneInString(text)
	if first != '{' && first != '[' {
		return false
	}
	inner := strings.TrimLeft(text[size:], " \t\r\n{[")
	return strings.HasPrefix(inner, `"`) && strings.Contains(inner, `":`)
}
