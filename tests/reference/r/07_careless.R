# Signs of careless answering, person by person, in base R; dMACS from lavaan's estimates by numerical integration
suppressMessages(library(lavaan)); source("r/json17.R")
bfi<-read.csv("data/bfi.csv"); names25<-paste0(rep(c("A","C","E","N","O"),each=5),1:5)
D<-na.omit(bfi[,c(names25,"gender")]); raw<-as.matrix(D[,names25]); X<-raw
for(i in c("A1","C4","C5","E1","E2","O2","O5")) X[,i]<-7-X[,i]
calls<-list(
 long_string=quote(apply(raw,1,function(x) max(rle(x)$lengths))),
 irv=quote(apply(raw,1,sd)),
 even_odd=quote(apply(X,1,function(x) { m<-matrix(x,5); r<-cor(colMeans(m[c(2,4),]),colMeans(m[c(1,3,5),])); max(2*r/(1+r),-1) })),
 synonyms=quote({ R<-cor(X); R[upper.tri(R,TRUE)]<-NA; p<-which(R>=.55,arr.ind=TRUE); apply(X,1,function(x) cor(x[p[,1]],x[p[,2]])) }),
 mahalanobis=quote(stats::mahalanobis(X,colMeans(X),cov(X))))
out<-list(meta=list(versions=list(R=R.version.string,lavaan=as.character(packageVersion("lavaan"))),data="D <- na.omit(bfi[, c(items, 'gender')]); raw <- items as answered; X <- keyed"))
for(k in names(calls)) out[[k]]<-list(call=paste(deparse(calls[[k]],500),collapse=" "),value=unname(suppressWarnings(eval(calls[[k]]))))
K<-as.data.frame(X); K$gender<-D$gender; model<-"N =~ N1+N2+N3+N4+N5"
dmacs<-function(item) {
 f<-cfa(model,K,group="gender",std.lv=TRUE,group.equal=c("loadings","intercepts"),group.partial=c(paste("N =~",item),paste(item,"~ 1")))
 e<-lavInspect(f,"est"); n<-lavInspect(f,"nobs"); s<-lavInspect(f,"sampstat"); a<-e[[1]]; b<-e[[2]]
 v<-sapply(1:2,function(g) s[[g]]$cov[item,item]); pooled<-sqrt(sum(v*n)/(sum(n)-2))
 square<-integrate(function(t) ((b$nu[item,1]-a$nu[item,1])+(b$lambda[item,1]-a$lambda[item,1])*t)^2*dnorm(t,b$alpha[1,1],sqrt(b$psi[1,1])),-Inf,Inf,rel.tol=1e-10)$value
 sqrt(square)/pooled }
out$dmacs<-list(call="lavaan::cfa(N =~ N1 + ... + N5, K, group = 'gender', std.lv = TRUE, group.equal = c('loadings', 'intercepts'), group.partial = the item's); sqrt(integrate((difference of expected answers)^2 * dnorm(factor of the second group)))/pooled sd",model=model,groups=as.list(lavInspect(cfa(model,K,group="gender"),"group.label")),value=as.list(sapply(paste0("N",1:5),dmacs)))
writeLines(tojson17(out),"open/careless.json",useBytes=TRUE); cat("done\n")
