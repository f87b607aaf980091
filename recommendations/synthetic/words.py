"""Made-up sentences in both languages whose words are as unevenly spread as those of real text."""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import accumulate
from random import Random

from recommendations.tokens import GAP, index_texts

#: Words that go together in both languages, the commonest first.
PAIRS = (
    "data 数据,service 服务,talent 人才,industry 产业,finance 金融,platform 平台,standard 标准,logistics 物流,"
    "digital 数字,green 绿色,trade 贸易,design 设计,research 研究,market 市场,network 网络,training 培训,"
    "cloud 云端,port 港口,health 健康,tourism 旅游,patent 专利,insurance 保险,credit 信用,exchange 交流,"
    "pilot 试点,fund 基金,park 园区,university 大学,hospital 医院,factory 工厂,supply 供应,chain 链条,"
    "export 出口,license 许可,audit 审计,energy 能源,"
    "carbon 碳排放,culture 文化,sport 体育,museum 博物馆,harbour 海港,bridge 桥梁,railway 铁路,airport 机场,visa 签证,"
    "school 学校,nursing 护理,robot 机器人,sensor 传感器,battery 电池,software 软件,security 安全,privacy 隐私,"
    "contract 合同,arbitration 仲裁,law 法律,tax 税收,budget 预算,village 乡村,river 江河,coast 海岸,fishery 渔业,"
    "textile 纺织,furniture 家具,ceramic 陶瓷,toy 玩具,garment 服装,metal 金属,chemical 化工,medicine 医药"
)
VERBS = (
    "share 共享,build 建设,open 开放,train 培养,link 连接,pilot 试行,widen 扩大,simplify 简化,fund 资助,measure 评估,"
    "protect 保护,attract 吸引,renew 更新,join 联合,publish 公布,test 测试,lower 降低,raise 提高,map 梳理,host 举办"
)
#: The long tail: words that hardly any entry has, made of syllables and of characters in pairs.
SYLLABLES = ("ka", "lo", "mi", "ten", "vor", "shu", "pel", "dra", "qui", "nos", "bel", "tam", "fi", "gor", "wen", "ris")
CHARACTERS = "东南西北山水云石林海江湖田园春夏秋冬金木火土日月星辰天地风雨雷电光明长安平和新兴广顺惠文武"
TAIL = 4_000


@dataclass(frozen=True, slots=True)
class Line:
    """A text in both languages, with its terms as the index keeps them and its form within JSON."""

    en: str
    zh_hans: str
    terms: str
    json_en: str
    json_zh_hans: str


def line(en: str, zh_hans: str) -> Line:
    """``en`` and ``zh_hans`` with what follows from them."""
    [terms] = index_texts([en, zh_hans])
    return Line(en, zh_hans, terms, json.dumps(en, ensure_ascii=False), json.dumps(zh_hans, ensure_ascii=False))


def joined(*terms: str) -> str:
    """The terms of several texts as those of one field: nothing is adjacent across two of them."""
    return f" {GAP} ".join(filter(None, terms))


def _pairs(text: str) -> list[tuple[str, str]]:
    found = [pair.split(" ") for pair in text.split(",")]
    return [(en, zh) for en, zh in found]


class Writer:
    """Makes lines; the same ones for the same ``random``."""

    def __init__(self, random: Random) -> None:
        self.random = random
        tail = [
            ("".join(random.choices(SYLLABLES, k=3)), "".join(random.choices(CHARACTERS, k=2))) for _ in range(TAIL)
        ]
        self.nouns = [*_pairs(PAIRS), *tail]
        # Zipf: the word of rank r is met in proportion to 1/r.
        self.weights = list(accumulate(1 / rank for rank in range(1, len(self.nouns) + 1)))
        self.verbs = _pairs(VERBS)
        self.verb_weights = list(accumulate(1 / rank for rank in range(1, len(self.verbs) + 1)))

    def sentence(self, nouns: int, *, mark: tuple[str, str] = ("", "")) -> Line:
        """A line with about ``nouns`` nouns, begun with ``mark`` in each language."""
        chosen = self.random.choices(self.nouns, cum_weights=self.weights, k=nouns)
        verb_en, verb_zh = self.random.choices(self.verbs, cum_weights=self.verb_weights)[0]
        english = " ".join(en for en, _zh in chosen)
        return line(
            f"{mark[0]}{verb_en.capitalize()} {english}", f"{mark[1]}{verb_zh}{'、'.join(zh for _, zh in chosen)}"
        )
